import { isIP } from 'node:net';
import { z } from 'zod';

/** What agents send. All of it is held against these: an agent is another machine. What an agent newer than the daemon says beyond that is passed over. */

/** As many containers may one host have. */
export const MOST_CONTAINERS = 2000;

/** The largest body of an agent, bytes: 2 KiB for each of them. */
export const MOST_AGENT_BYTES = MOST_CONTAINERS * 2048;

const text = (most: number) => z.string().max(most);
const time = z.iso.datetime({ offset: true }).max(40);
const protocol = z.enum(['tcp', 'udp', 'sctp']);
const port = z.int().min(1).max(65_535);
const ip = z.string().max(64);

const container = z.object({
  id: z.string().regex(/^[0-9a-f]{12,64}$/, { error: 'must be 12 to 64 hexadecimal digits' }),
  name: text(256),
  createdAt: time,
  labels: z.record(text(65_536), text(65_536)).refine((labels) => Object.keys(labels).length <= 1000, { error: 'must have at most 1000 labels' }),
  state: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  health: z.enum(['none', 'starting', 'healthy', 'unhealthy']),
  stoppingSince: time.optional(),
  exitedAt: time.optional(),
  networkMode: text(256),
  networks: z.array(z.object({ name: text(256), ip: ip.optional(), ipv6: ip.optional() })).max(200),
  exposed: z.array(z.object({ port, protocol })).max(5000),
  published: z.array(z.object({ port, protocol, hostIp: ip, hostPort: port })).max(5000),
});

const speaker = {
  instance: z
    .string()
    .regex(/^[A-Za-z0-9-]{8,64}$/, { error: 'must be 8 to 64 letters, digits or hyphens' })
    .meta({ description: 'The machine and its engine: the same after the agent was started anew.' }),
  run: z.int().min(0).meta({ description: 'When the process was started, milliseconds since the epoch: the later one takes over on the same machine.' }),
};

const renewal = {
  ...speaker,
  sequence: z.int().min(0).meta({ description: 'Of the state, which counts up within a run; 0 for none.' }),
  lease: z
    .int({ error: 'the lease must be whole seconds' })
    .min(2, { error: 'the lease must be 2 to 3600 seconds' })
    .max(3600, { error: 'the lease must be 2 to 3600 seconds' })
    .meta({ description: 'Seconds that the daemon goes without hearing from the agent before its endpoints drain.' }),
  engine: z.object({ state: z.enum(['ok', 'degraded', 'down']), message: text(1000).optional() }).meta({ description: 'How the engine of the host is.' }),
};

export const leaseBody = z.object(renewal, { error: notObject }).meta({ id: 'AgentLease' });

export const agentBody = z
  .object(
    {
      ...renewal,
      version: text(64),
      address: z
        .string()
        .refine((address) => isIP(address) !== 0, { error: 'the address must be an IP address' })
        .optional()
        .meta({ description: 'Where other hosts reach published ports; where it is not said, that is where the agent speaks from.' }),
      containers: z.array(container).max(MOST_CONTAINERS, { error: `must be at most ${MOST_CONTAINERS} containers` }),
    },
    { error: notObject },
  )
  .meta({ id: 'AgentState', description: 'All that an agent knows of its host.' });

export const leaveQuery = z.strictObject({
  instance: speaker.instance.optional().meta({ description: 'Of the agent that leaves: then only that one can.' }),
  run: z.coerce.number().int().min(0).optional().meta({ description: 'Likewise.' }),
});

function notObject(issue: { readonly code?: string | undefined }): string | undefined {
  return issue.code === 'invalid_type' ? 'the body must be an object, as GET /openapi.json has it' : undefined;
}

const status = z
  .object({
    name: z.string(),
    state: z.enum(['alive', 'lost', 'left']),
    since: z.string().meta({ format: 'date-time' }),
    address: z.string(),
    version: z.string().optional(),
    containers: z.number(),
    lease: z.number(),
    leaseEndsAt: z.string().meta({ format: 'date-time' }),
    seenAt: z.string().meta({ format: 'date-time' }).optional(),
    engine: z.object({ state: z.enum(['ok', 'degraded', 'down']), message: z.string().optional() }),
  })
  .meta({ id: 'Agent' });

export const agentAnswers = {
  list: z.object({ agents: z.array(status) }),
  left: z.object({ name: z.string(), state: z.literal('left') }),
  answer: z.object({ state: z.enum(['known', 'wanted']), leaseEndsAt: z.string().meta({ format: 'date-time' }) }),
};
