/**
 * A token bucket: `rate` a second, and as many at once. What comes too soon is not refused but told how long to wait.
 * Time is monotonic milliseconds.
 */
export class Bucket {
  readonly #rate: number;
  #left: number;
  #at: number;

  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#left = rate;
    this.#at = now;
  }

  /** Takes one; the milliseconds after which it would have been there, 0 where it was. */
  take(now: number): number {
    this.#left = Math.min(this.#rate, this.#left + ((now - this.#at) * this.#rate) / 1000) - 1;
    this.#at = now;
    return this.#left >= 0 ? 0 : (-this.#left * 1000) / this.#rate;
  }

  /** Gives back one that was taken. */
  putBack(): void {
    this.#left++;
  }
}
