/** When to start Envoy again, as a pure function of how its runs ended. Times are in milliseconds. */

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;
/** A run this long was a good one: what comes next is a new story. */
const GOOD_RUN_MS = 60_000;
/** A bootstrap that Envoy refuses, or a taken admin port, does not get better by trying on. */
const MOST_FAILED_STARTS = 3;

export interface RestartState {
  readonly backoffMs: number;
  /** Runs in a row that ended before Envoy was up. */
  readonly failedStarts: number;
}

export const NO_RESTARTS: RestartState = { backoffMs: 0, failedStarts: 0 };

/** How one run of Envoy ended. */
export interface RunEnd {
  /** It had begun to work. */
  readonly wasUp: boolean;
  readonly aliveMs: number;
}

/** What to do after a run: `state.backoffMs` is how long to wait before the next one. */
export function afterRun(state: RestartState, { wasUp, aliveMs }: RunEnd): { readonly state: RestartState; readonly giveUp: boolean } {
  const failedStarts = wasUp ? 0 : state.failedStarts + 1;
  const again = aliveMs >= GOOD_RUN_MS || state.backoffMs === 0;
  const backoffMs = again ? FIRST_BACKOFF_MS : Math.min(state.backoffMs * 2, LONGEST_BACKOFF_MS);
  return { state: { backoffMs, failedStarts }, giveUp: failedStarts >= MOST_FAILED_STARTS };
}
