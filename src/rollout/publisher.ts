import type { SpanContext } from '../lib/tracer.ts';

/** As many of the changes in one publication are known to its trace. */
const MOST_CAUSES = 128;

/** Changes as the registry tells of them. */
export interface Commit {
  readonly number: number;
  readonly changes: readonly { readonly id: string }[];
}

type Publish = (ids: Iterable<string>, revision: number, acceptedAt: number, again: readonly string[], causes: readonly SpanContext[]) => void;

/**
 * Stands between the registry and the fleet: what was committed in one turn of the event loop goes out as one
 * publication, the latest state of each service in it.
 */
export class Publisher {
  readonly #publish: Publish;
  #ids = new Set<string>();
  #again = new Set<string>();
  #causes: SpanContext[] = [];
  #revision: number;
  #acceptedAt = 0;
  #closed = false;
  #flush: { readonly done: Promise<void>; readonly resolve: () => void; readonly handle: NodeJS.Immediate } | undefined;

  constructor(revision: number, publish: Publish) {
    this.#revision = revision;
    this.#publish = publish;
  }

  /**
   * @param cause the span that it happened in
   * @returns whether it goes out together with an earlier one
   */
  notice({ number, changes }: Commit, cause?: SpanContext): boolean {
    const coalesced = this.#flush !== undefined;
    this.#revision = number;
    for (const { id } of changes) this.#ids.add(id);
    this.#schedule(cause);
    return coalesced;
  }

  /** Has a service sent once more, changed or not. */
  resend(id: string, cause?: SpanContext): void {
    this.#again.add(id);
    this.#schedule(cause);
  }

  /** Resolves once everything noticed so far is published, or nothing will be any more. */
  flushed(): Promise<void> {
    return this.#flush?.done ?? Promise.resolve();
  }

  /** Publishes at once what was noticed so far. */
  flush(): void {
    if (this.#flush === undefined) return;
    clearImmediate(this.#flush.handle);
    this.#out(this.#flush.resolve);
  }

  close(): void {
    this.#closed = true;
    if (this.#flush === undefined) return;
    clearImmediate(this.#flush.handle);
    this.#flush.resolve();
    this.#flush = undefined;
  }

  #schedule(cause: SpanContext | undefined): void {
    if (cause !== undefined && this.#causes.length < MOST_CAUSES) this.#causes.push(cause);
    if (this.#flush !== undefined || this.#closed) return;
    this.#acceptedAt = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    const handle = setImmediate(() => this.#out(resolve));
    this.#flush = { done: promise, resolve, handle };
  }

  #out(resolve: () => void): void {
    this.#flush = undefined;
    const [ids, again, causes] = [this.#ids, [...this.#again], this.#causes];
    this.#ids = new Set();
    this.#again = new Set();
    this.#causes = [];
    this.#publish(ids, this.#revision, this.#acceptedAt, again, causes);
    resolve();
  }
}
