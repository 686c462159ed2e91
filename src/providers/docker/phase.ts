import type { Container } from './container.ts';

/**
 * What a container is to a service at a moment. `healthy`, `unhealthy` and `draining` are listed for Envoys; `held` is not,
 * but keeps the service and its routes; `absent` is nothing.
 */
export type State = 'healthy' | 'unhealthy' | 'draining' | 'held' | 'absent';

export interface Phase {
  readonly state: State;
  /** It says what the service is now: it runs, and nobody has told it to stop. */
  readonly live: boolean;
  /** Milliseconds since the epoch: when it becomes something else though nothing happens to it. */
  readonly until?: number;
}

export interface Patience {
  /** Milliseconds, as the next. */
  readonly drain: number;
  readonly linger: number;
  /** Whether what Docker's health check says counts. */
  readonly health: boolean;
}

const ABSENT: Phase = { state: 'absent', live: false };

/** @param now milliseconds since the epoch */
export function phaseOf(container: Container, { drain, linger, health }: Patience, now: number): Phase {
  switch (container.state) {
    case 'running':
      if (container.stoppingSince !== undefined) return stopping(Date.parse(container.stoppingSince) + drain, now);
      if (!health) return { state: 'healthy', live: true };
      // It may have been here before: a restart that takes long must not take the routes away.
      if (container.health === 'starting') return { state: 'held', live: true };
      return { state: container.health === 'unhealthy' ? 'unhealthy' : 'healthy', live: true };
    case 'paused':
      return { state: 'draining', live: false };
    case 'restarting':
      // Its engine will start it again, as often as it takes.
      return container.exitedAt === undefined ? { state: 'held', live: false } : gone(Date.parse(container.exitedAt) + linger, now);
    case 'created':
      return ABSENT;
    default:
      return container.exitedAt === undefined ? ABSENT : gone(Date.parse(container.exitedAt) + linger, now);
  }
}

/** One that takes longer to stop than it drains keeps the service until it has. */
function stopping(until: number, now: number): Phase {
  return now < until ? { state: 'draining', live: false, until } : { state: 'held', live: false };
}

function gone(until: number, now: number): Phase {
  return now < until ? { state: 'held', live: false, until } : ABSENT;
}
