/** Something that fills the desired state, and has not done so from the first moment on. */
export interface Source {
  /** For people. */
  readonly name: string;
  /** Resolves when it has told all that it knows for the first time. */
  readonly synced: Promise<void>;
}

/** As long is waited for sources that do not speak, milliseconds. */
export const PATIENCE = 30_000;

/**
 * Holds the first answers to Envoys until every source has spoken once: an answer without a source's part would take that
 * part away from Envoys that hold it. It opens once, late sources or not.
 */
export class Gate {
  readonly #waiting: Set<Source>;
  readonly #opened = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(sources: readonly Source[]) {
    this.#waiting = new Set(sources);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Resolves when it opens. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** @param onLate called with the names of those that had not spoken in time */
  start(onLate: (names: readonly string[]) => void): void {
    if (this.#waiting.size === 0) {
      this.#open();
      return;
    }
    this.#timer = setTimeout(() => {
      onLate([...this.#waiting].map(({ name }) => name));
      this.#open();
    }, PATIENCE);
    for (const source of this.#waiting) {
      source.synced.then(
        () => {
          this.#waiting.delete(source);
          if (this.#waiting.size === 0) this.#open();
        },
        // One that failed has not spoken; who runs it says why.
        () => undefined,
      );
    }
  }

  /** Nobody waits any more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#isOpen = true;
    this.#opened.resolve();
  }
}
