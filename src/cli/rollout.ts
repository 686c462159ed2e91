import type { Rollout } from '../api/types.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { Client, Wait } from './client.ts';
import type { Progress } from './progress.ts';

/** One request waits this long at most, so that progress shows and no proxy in between loses patience. Seconds. */
const STEP = 1;

/** How long a command waits for the Envoys, all of its writes together. */
export interface Patience {
  /** Seconds that the next request may wait; undefined where nobody wants to wait. */
  next(): Wait;
  readonly expired: boolean;
  readonly elapsedMs: number;
}

/** @param seconds undefined for none */
export function createPatience(seconds: number | undefined, now: () => number = () => performance.now()): Patience {
  const start = now();
  const left = (): number => start + (seconds ?? 0) * 1000 - now();
  return {
    next: () => (seconds === undefined ? undefined : Math.max(0.001, Math.min(STEP, left() / 1000))),
    get expired() {
      return left() <= 0;
    },
    get elapsedMs() {
      return now() - start;
    },
  };
}

/**
 * Follows a rollout until every Envoy has answered or patience ends, whichever is first.
 * @param saved what is on disk, for the error that says that it is
 * @throws EnvoyageError daemon-unreachable, saying that the change is saved
 */
export async function followRollout(
  client: Pick<Client, 'rollout'>,
  first: Rollout,
  patience: Patience,
  progress: Progress,
  saved = `the change is saved as revision ${first.revision}`,
): Promise<Rollout> {
  let rollout = first;
  try {
    while (rollout.state === 'pending' && !patience.expired) {
      progress.show(rollout, patience.elapsedMs);
      rollout = await client.rollout(rollout.revision, patience.next() ?? STEP);
    }
  } catch (thrown) {
    const error = EnvoyageError.from(thrown);
    throw new EnvoyageError(error.code, `${saved}, but how far it came is not known: ${error.message}`, {
      hint: 'envoyage status shows which Envoys have it',
      cause: thrown,
    });
  } finally {
    progress.clear();
  }
  return rollout;
}
