import type { Command } from 'commander';
import type { AgentStatus } from '../../model/agent-status.ts';
import { widthOf, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { type Io, painter, type Session } from '../io.ts';
import { table } from '../layout.ts';
import { count, duration, printable } from '../words.ts';

interface AgentsFlags extends ClientFlags {
  readonly forget?: string;
}

export function define(command: Command, { io }: Session): void {
  command
    .option('--forget <NAME>', 'end the lease of this one: what runs there drains, and is forgotten; an agent that still runs comes back')
    .addHelpText('after', '\nExamples:\n  $ envoyage agents\n  $ envoyage agents --forget h3');
  addClientFlags(command).action(async (flags: AgentsFlags) => {
    const client = connect(flags, io);
    if (flags.forget !== undefined) await client.forgetAgent(flags.forget);
    const answer = await client.agents();
    if (flags.json) writeJson(io, answer);
    else io.stdout.write(`${agentLines(answer.agents, io).join('\n')}\n`);
  });
}

const STATES = { alive: 'alive', lost: 'lost, draining or gone', left: 'left, draining' } as const;

function agentLines(agents: readonly AgentStatus[], io: Io): string[] {
  if (agents.length === 0) return ['no host has an agent; on one: envoyage agent --join URL'];
  const paint = painter(io.stdout, io.env);
  const rows = agents.map((agent) => [agent.name, stateOf(agent), agent.address, count(agent.containers, 'container'), leaseOf(agent, io.now())]);
  const width = io.stdout.isTTY === true ? widthOf(io) : Number.POSITIVE_INFINITY;
  return table(['AGENT', 'STATE', 'ADDRESS', 'CONTAINERS', 'LEASE'], rows, width, (text, row, column) => {
    const agent = agents[row];
    if (agent === undefined || column !== 1) return text;
    return paint(agent.state !== 'alive' ? 'red' : agent.engine.state === 'ok' ? 'green' : 'yellow', text);
  });
}

function stateOf({ state, engine }: AgentStatus): string {
  if (state !== 'alive' || engine.state === 'ok') return STATES[state];
  return `alive, its engine is ${engine.state}${engine.message === undefined ? '' : `: ${printable(engine.message)}`}`;
}

function leaseOf({ state, lease, leaseEndsAt }: AgentStatus, now: number): string {
  const left = Date.parse(leaseEndsAt) - now;
  return state === 'alive' ? `${duration(Math.max(0, left))} of ${duration(lease * 1000)} left` : `ended ${duration(Math.max(0, -left))} ago`;
}
