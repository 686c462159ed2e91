/** Listeners that all hear of every piece of news, in order, and cannot break the one who tells. */
export class Listeners<T> {
  readonly #onError: (thrown: unknown) => void;
  readonly #all = new Set<(news: T) => void>();
  /** Not told yet, oldest first. */
  readonly #pending: T[] = [];
  #telling = false;

  /** @param onError gets what a listener threw; must not throw itself */
  constructor(onError: (thrown: unknown) => void) {
    this.#onError = onError;
  }

  /** @returns the way to stop it */
  add(listener: (news: T) => void): () => void {
    // Wrapped, so that one that is added twice is called twice, and stopped one by one.
    const called = (news: T): void => listener(news);
    this.#all.add(called);
    return () => void this.#all.delete(called);
  }

  clear(): void {
    this.#all.clear();
    this.#pending.length = 0;
  }

  /** Where a listener itself makes news, the others hear of the old news first: the call from within returns before it is told. */
  tell(news: T): void {
    this.#pending.push(news);
    if (this.#telling) return;
    this.#telling = true;
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) this.#tellAll(next);
    this.#telling = false;
  }

  #tellAll(news: T): void {
    for (const listener of [...this.#all]) {
      if (!this.#all.has(listener)) continue;
      try {
        listener(news);
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
  }
}
