/** Milliseconds. */
export interface ThrottleTimes {
  /** It runs once nothing was asked for so long. */
  readonly quiet: number;
  /** It runs after so long at the latest, whatever is asked meanwhile. */
  readonly most: number;
}

/**
 * Runs something for many who ask for it: the first time at once, then no more often than what follows has settled, so that a burst
 * costs two runs.
 */
export class Throttle {
  readonly #run: () => void;
  readonly #times: ThrottleTimes;
  #timer: NodeJS.Timeout | undefined;
  #isWanted = false;
  /** When what is wanted was asked for first; the last run before. */
  #since = 0;

  /** @param run must not throw */
  constructor(run: () => void, times: ThrottleTimes) {
    this.#run = run;
    this.#times = times;
  }

  ask(): void {
    const now = performance.now();
    if (this.#timer === undefined) {
      this.#begin();
      return;
    }
    if (!this.#isWanted) this.#since = now;
    this.#isWanted = true;
    this.#wait(Math.min(this.#times.quiet, this.#since + this.#times.most - now));
  }

  /** What is wanted does not happen any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWanted = false;
  }

  #begin(): void {
    this.#isWanted = false;
    this.#wait(this.#times.quiet);
    this.#run();
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#isWanted) this.#begin();
      },
      Math.max(0, milliseconds),
    );
  }
}
