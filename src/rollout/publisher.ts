/** Changes as the registry tells of them. */
export interface Commit {
  readonly number: number;
  readonly changes: readonly { readonly id: string }[];
}

type Publish = (ids: Iterable<string>, revision: number, acceptedAt: number, again: readonly string[]) => void;

/**
 * Stands between the registry and the fleet: what was committed in one turn of the event loop goes out as one
 * publication, the latest state of each service in it.
 */
export class Publisher {
  readonly #publish: Publish;
  #ids = new Set<string>();
  #again = new Set<string>();
  #revision: number;
  #acceptedAt = 0;
  #closed = false;
  #flush: { readonly done: Promise<void>; readonly resolve: () => void; readonly handle: NodeJS.Immediate } | undefined;

  constructor(revision: number, publish: Publish) {
    this.#revision = revision;
    this.#publish = publish;
  }

  notice({ number, changes }: Commit): void {
    this.#revision = number;
    for (const { id } of changes) this.#ids.add(id);
    this.#schedule();
  }

  /** Has a service sent once more, changed or not. */
  resend(id: string): void {
    this.#again.add(id);
    this.#schedule();
  }

  /** Resolves once everything noticed so far is published, or nothing will be any more. */
  flushed(): Promise<void> {
    return this.#flush?.done ?? Promise.resolve();
  }

  close(): void {
    this.#closed = true;
    if (this.#flush === undefined) return;
    clearImmediate(this.#flush.handle);
    this.#flush.resolve();
    this.#flush = undefined;
  }

  #schedule(): void {
    if (this.#flush !== undefined || this.#closed) return;
    this.#acceptedAt = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    const handle = setImmediate(() => {
      this.#flush = undefined;
      const [ids, again] = [this.#ids, [...this.#again]];
      this.#ids = new Set();
      this.#again = new Set();
      this.#publish(ids, this.#revision, this.#acceptedAt, again);
      resolve();
    });
    this.#flush = { done: promise, resolve, handle };
  }
}
