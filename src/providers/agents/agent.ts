import type { AgentStatus } from '../../model/agent-status.ts';
import type { Container } from '../docker/container.ts';
import type { Health } from '../provider.ts';
import { endedContainers, type Times } from './ended.ts';

/** What is known of one agent. Times are milliseconds since the epoch. */
export interface Agent {
  readonly name: string;
  instance: string;
  run: number;
  sequence: number;
  /** Seconds. */
  lease: number;
  version: string | undefined;
  /** What it said of where it is, and where it speaks from. */
  address: string | undefined;
  peer: string;
  containers: readonly Container[];
  engine: Health;
  since: number;
  seen: number | undefined;
  expires: number;
  /** Its lease, by itself or because it said goodbye. */
  ended: { readonly at: number; readonly how: 'lost' | 'left' } | undefined;
}

/** What its host has now, as far as is known. */
export function containersOf({ containers, ended }: Agent, now: number, times: Times): readonly Container[] {
  return ended === undefined ? containers : endedContainers(containers, ended.at, now, times);
}

export function healthOf({ ended, engine }: Agent): Health {
  if (ended === undefined) return engine;
  // Who leaves in order has nothing that anybody should be woken for.
  if (ended.how === 'left') return { state: 'ok', message: 'its agent said goodbye' };
  return { state: 'down', message: `its agent was not heard of in time: its lease ended at ${iso(ended.at)}` };
}

export function statusOf(agent: Agent, now: number, times: Times): AgentStatus {
  const { name, since, address, peer, version, lease, expires, seen, engine, ended } = agent;
  return {
    name,
    state: ended?.how ?? 'alive',
    since: iso(since),
    address: address ?? peer,
    ...(version === undefined ? {} : { version }),
    containers: containersOf(agent, now, times).filter(({ exitedAt }) => exitedAt === undefined).length,
    lease,
    leaseEndsAt: iso(expires),
    ...(seen === undefined ? {} : { seenAt: iso(seen) }),
    engine: engine.message === undefined ? { state: engine.state } : { state: engine.state, message: engine.message },
  };
}

type State = Pick<Agent, 'instance' | 'address' | 'peer' | 'containers'>;

export function sameState(a: State, b: State): boolean {
  return a.instance === b.instance && a.address === b.address && a.peer === b.peer && JSON.stringify(a.containers) === JSON.stringify(b.containers);
}

export const iso = (ms: number): string => new Date(ms).toISOString();
