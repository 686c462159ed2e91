import type { Container } from '../docker/container.ts';
import type { Agent } from './agent.ts';

/** Where agents are remembered, so that a daemon that is started anew takes nothing away. */
export interface AgentStore {
  load(): Iterable<{ readonly name: string; readonly body: string }>;
  /** On disk when it returns. @throws EnvoyageError store-failed */
  save(name: string, body: string): void;
  /** @throws EnvoyageError store-failed */
  drop(name: string): void;
}

/** What is kept of an agent: not its lease, since that is given anew. */
export interface Kept {
  readonly instance: string;
  readonly run: number;
  readonly sequence: number;
  readonly lease: number;
  readonly address: string | undefined;
  readonly peer: string;
  readonly containers: readonly Container[];
  readonly ended: Agent['ended'];
}

export function write({ instance, run, sequence, lease, address, peer, containers, ended }: Kept): string {
  return JSON.stringify({ instance, run, sequence, lease, address, peer, containers, ended });
}

/** Undefined for what this version does not understand: whoever it was says it again. */
export function read(body: string): Kept | undefined {
  try {
    const kept = JSON.parse(body) as Kept;
    return typeof kept.instance === 'string' && typeof kept.lease === 'number' && Array.isArray(kept.containers) ? kept : undefined;
  } catch {
    return undefined;
  }
}
