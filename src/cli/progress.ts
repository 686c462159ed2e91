import type { Rollout } from '../api/types.ts';
import { type Io, painter } from './io.ts';
import { enumerate, part, printable } from './words.ts';

/** One line on a terminal that says how far a rollout is, rewritten in place; silent where stderr is none. */
export interface Progress {
  show(rollout: Rollout, elapsedMs: number): void;
  /** Leaves no trace of it. */
  clear(): void;
}

const CLEAR_LINE = '\r\u001b[K';

export function createProgress({ stderr, env }: Io): Progress {
  if (stderr.isTTY !== true || env.TERM === 'dumb') return { show: () => undefined, clear: () => undefined };
  const paint = painter(stderr, env);
  let shown = false;
  return {
    show: (rollout, elapsedMs) => {
      const text = printable(progressLine(rollout, elapsedMs));
      // A line that wraps could not be taken back.
      const fits = text.slice(0, (stderr.columns ?? 80) - 1);
      stderr.write(CLEAR_LINE + paint('dim', fits));
      shown = true;
    },
    clear: () => {
      if (shown) stderr.write(CLEAR_LINE);
      shown = false;
    },
  };
}

/** `2 of 3 Envoys, waiting for edge-1 … 3 s` */
export function progressLine({ acked, nodes, pending, rejected }: Rollout, elapsedMs: number): string {
  const awaited = enumerate(pending, Math.max(pending.length, nodes - acked - rejected.length));
  return `${part(acked, nodes, 'Envoy')}, waiting for ${awaited} … ${Math.floor(elapsedMs / 1000)} s`;
}
