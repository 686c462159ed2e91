/**
 * At most `most` in any second: as long as there are fewer nothing waits, and what comes too soon is told how long. Time is
 * monotonic milliseconds.
 */
export class PushLimit {
  /** When the latest were let through, the oldest at `#next`. */
  readonly #times: Float64Array;
  #next = 0;

  /** @param most at least 1 */
  constructor(most: number) {
    this.#times = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
  }

  /** Lets one through: 0; or the milliseconds after which it may be asked again. */
  take(now: number): number {
    const wait = (this.#times[this.#next] ?? 0) + 1000 - now;
    if (wait > 0) return wait;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#times.length;
    return 0;
  }
}
