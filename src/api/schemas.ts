import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../lib/errors.ts';
import { groupSchema } from '../model/common-schema.ts';
import { idSchema, LIMITS, readOnlyFields, serviceSchema } from '../model/service.ts';
import { servicePatch, serviceShape } from './service-shape.ts';

/**
 * The schemas of requests and answers: requests are checked by them, and the OpenAPI document is made of them. Those of
 * answers have the shapes of types.ts, and tests hold real answers against them.
 */

/** POST: one service or a list of them. The list is checked item by item, so that faults name their place. */
export const postBody = z.union([serviceSchema, z.array(serviceSchema).min(1).max(LIMITS.servicesPerRequest)]);

/** PATCH: a JSON merge patch (RFC 7396). What it leads to is checked as a whole; this is for the document. */
export const patchBody = z
  .strictObject({
    id: idSchema.nullable().optional().meta({ description: 'That of the URL: a service cannot be renamed.' }),
    ...servicePatch,
    ...readOnlyFields,
  })
  .meta({ id: 'ServicePatch', description: 'A JSON merge patch: what is left out stays, null takes away.' });

/** A number as a query writes it: nothing that JavaScript alone takes for one, such as an empty text or 0x10. */
export function numeric<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value), schema);
}

export function within(what: string, from: number, to: number) {
  const error = `${what} must be ${from} to ${to}`;
  return z.number({ error }).min(from, { error }).max(to, { error });
}

export const waitQuery = z.strictObject({
  wait: z
    .enum(['acked'], { error: 'wait can only be "acked"' })
    .optional()
    .meta({ description: '`acked`: answer when every connected Envoy has, or the time is up.' }),
  timeout: numeric(within('timeout', 0, 300))
    .default(10)
    .meta({ description: 'Seconds to wait at most; fractions are allowed.' }),
});

const count = (what: string, from: number, to: number) => numeric(within(what, from, to).int({ error: `${what} must be a whole number` }));

export const dryRunQuery = {
  dryRun: z
    .enum(['true', 'false'], { error: 'dryRun can only be "true" or "false"' })
    .optional()
    .meta({ description: '`true`: everything is checked and the answer is as it would be, and nothing is changed.' }),
};

/** What every write takes. */
export const writeQuery = waitQuery.extend(dryRunQuery);

export const applyQuery = writeQuery.extend({
  envoy: z
    .enum(['true', 'false'], { error: 'envoy must be true or false' })
    .optional()
    .meta({ description: '`true`: a real Envoy is asked first, where one is at hand on the machine of the daemon; nothing is changed where it refuses.' }),
});

export const revisionsQuery = z.strictObject({
  limit: count('limit', 1, 1000).default(50),
  before: count('before', 1, Number.MAX_SAFE_INTEGER).optional().meta({ description: 'Only revisions below this one.' }),
});

export const nodesQuery = z.strictObject({
  group: z.string().optional().meta({ description: 'Only Envoys of this group.' }),
});

export const dumpQuery = z.strictObject({
  group: groupSchema.optional().meta({ description: 'What an Envoy of this group is given; `default` unless given.' }),
  node: z.string().optional().meta({ description: 'What this Envoy is given.' }),
  type: z
    .string()
    .optional()
    .meta({ description: 'Only resources of this type: `cds`, `lds`, … or a type URL.', examples: ['cds'] }),
});

export const quarantineQuery = z.strictObject({
  group: z.string().optional().meta({ description: 'Only in this group.' }),
});

/** PUT of the group of a node. */
export const groupBody = z
  .strictObject(
    { group: groupSchema },
    { error: (issue) => (issue.code === 'invalid_type' ? 'the body must be an object, as in {"group":"edge"}' : undefined) },
  )
  .meta({ id: 'GroupOfNode' });

export const noQuery = z.strictObject({});

const time = z.string().meta({ format: 'date-time' });
const storedFields = {
  revision: z.number(),
  createdAt: time,
  updatedAt: time,
  updatedBy: z.string(),
  origin: z.string().optional(),
  provider: z.string().optional(),
};
const storedService = serviceShape.extend(storedFields).meta({ id: 'StoredService' });
const wish = z.record(z.string(), z.unknown());
const change = z.object({ id: z.string(), before: wish.nullable(), after: wish.nullable() });
const revision = z.object({ number: z.number(), time, author: z.string(), changes: z.array(change) }).meta({ id: 'Revision' });

const rollout = z
  .object({
    revision: z.number(),
    state: z.enum(['live', 'pending', 'rejected', 'no-envoys']),
    nodes: z.number(),
    acked: z.number(),
    pending: z.array(z.string()),
    rejected: z.array(z.object({ node: z.string(), type: z.string(), message: z.string() })),
    elapsedMs: z.number(),
  })
  .meta({ id: 'Rollout' });

const nodeType = z.object({
  type: z.string(),
  sentVersion: z.string(),
  ackedVersion: z.string(),
  sent: z.number(),
  acked: z.number(),
  rejected: z.number(),
  rejection: z.object({ version: z.string(), message: z.string(), at: time, objects: z.array(z.string()).optional() }).optional(),
});

const placement = z
  .object({
    group: z.string(),
    from: z.enum(['move', 'rule', 'cluster', 'identity', 'default']),
    rule: z.string().optional(),
    at: time.optional(),
    by: z.string().optional(),
  })
  .meta({ id: 'Placement' });

const move = z.object({ node: z.string(), group: z.string(), at: time, by: z.string() });

const node = z
  .object({
    id: z.string(),
    group: z.string(),
    placement,
    state: z.enum(['in-sync', 'behind', 'rejected', 'gone']),
    connected: z.boolean(),
    agent: z.string(),
    address: z.string(),
    streams: z.number(),
    variant: z.enum(['delta', 'sotw', 'mixed', 'none']),
    connectedAt: time,
    lastAnswerAt: time.nullable(),
    revision: z.number(),
    types: z.array(nodeType),
  })
  .meta({ id: 'Node' });

const dumped = z.object({ name: z.string(), type: z.string(), version: z.string(), resource: z.record(z.string(), z.unknown()) });

const dump = z
  .object({ group: z.string(), node: z.string().optional(), connected: z.boolean(), revision: z.number(), resources: z.array(dumped) })
  .meta({ id: 'Dump' });

const refusedClient = z.object({ address: z.string(), reason: z.string(), count: z.number(), at: time }).meta({ id: 'RefusedClient' });

const quarantined = z
  .object({
    key: z.string(),
    group: z.string(),
    type: z.string(),
    message: z.string(),
    node: z.string(),
    revision: z.number(),
    good: z.number().nullable(),
    since: time,
    origin: z.string().optional(),
  })
  .meta({ id: 'Quarantined', description: 'An object that Envoys refused, parked until it changes.' });

const safety = {
  quarantined: z.array(quarantined),
  canaries: z.array(
    z.object({
      group: z.string(),
      nodes: z.array(z.object({ id: z.string(), state: z.enum(['in-sync', 'waiting', 'stalled']), since: time.optional() })),
      waiting: z.number(),
    }),
  ),
  rollbacks: z.array(
    z.object({
      revision: z.number(),
      by: z.number().nullable(),
      fault: z.string().optional(),
      group: z.string(),
      refused: z.number(),
      nodes: z.number(),
      message: z.string(),
      at: time,
    }),
  ),
};

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    hint: z.string().optional().meta({ description: 'The command or edit that mends it.' }),
    errors: z.array(z.object({ field: z.string().meta({ description: 'A JSON pointer.' }), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'A problem document, RFC 9457.' });

const certificateStatus = z.object({
  name: z.string(),
  source: z.enum(['inline', 'files']),
  certFile: z.string().optional(),
  keyFile: z.string().optional(),
  hosts: z.array(z.string()),
  certificate: z
    .object({
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()),
      serial: z.string(),
      fingerprint: z.string().meta({ description: 'SHA-256 of the certificate, hexadecimal.' }),
      notBefore: time,
      notAfter: time,
    })
    .nullable(),
  problem: z.string().optional(),
});

export const answers = {
  certificateList: z.object({ certificates: z.array(certificateStatus), revision: z.number() }),
  serviceList: z.object({ services: z.array(storedService), revision: z.number() }),
  storedService,
  writtenService: storedService.extend({ rollout: rollout.optional() }),
  writtenServices: z.object({ services: z.array(storedService), revision: z.number(), rollout: rollout.optional() }),
  writtenRevision: z.object({ revision: z.number(), rollout: rollout.optional() }),
  rollout,
  dump,
  nodeList: z.object({ nodes: z.array(node), moved: z.array(move), refused: z.array(refusedClient), ...safety, revision: z.number() }),
  quarantine: z.object({ ...safety, revision: z.number() }),
  nodeGroup: z.object({
    node: z.string(),
    group: z.string().nullable(),
    placement: placement.nullable(),
    revision: z.number(),
    rollout: rollout.optional(),
  }),
  revision,
  revisionList: z.object({ revisions: z.array(revision), next: z.number().nullable() }),
  daemon: z.object({
    version: z.string(),
    startedAt: time,
    revision: z.number(),
    dataDir: z.string(),
    xdsAddress: z.string(),
    xdsAddresses: z.array(z.string()),
    xdsTls: z.boolean(),
    httpAddress: z.string(),
    listeners: z.record(z.string(), z.string()),
  }),
  stats: z.object({
    last_update: time.nullable(),
    update_count: z.number(),
    xds_server_url: z.string(),
    nodes: z.number(),
    streams: z.number(),
    types: z.record(z.string(), z.object({ sent: z.number(), acked: z.number(), rejected: z.number() })),
  }),
  health: z.object({ status: z.literal('healthy'), service: z.literal('envoyage') }),
  openapi: z.looseObject({ openapi: z.string() }),
  ready: z.object({ status: z.enum(['ready', 'not-ready']), checks: z.record(z.string(), z.boolean()) }),
  problem,
};
