import type { Publications } from './publications.ts';

/** A view that nobody uses at the moment. */
interface Idle {
  readonly publications: Publications;
  /** The keys of what changed since the last stream left; it takes that over when somebody comes back. */
  readonly missed: Set<string>;
  /** The newest revision that was published before. */
  readonly after: number;
  /** Monotonic, milliseconds. */
  readonly since: number;
}

/** For so long, milliseconds: an Envoy that lost its connection is back within seconds, half a minute where it backs off. */
export const KEPT = 60_000;
/** As many views, the last ones that were left. */
const MOST = 64;
/** Who missed more than these is better made anew. */
const MOST_MISSED = 10_000;

/**
 * Views that the last stream has left. Who comes back in the state of the world names one version, and what that stood for
 * only the view knows, by its log; it knows as well what was refused. So it stays for a while. It does not follow what
 * is published meanwhile, but keeps a list of what it missed, which costs a key for each object that changes.
 */
export class IdleViews {
  /** Those left first come first. */
  readonly #views = new Map<string, Idle>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  get size(): number {
    return this.#views.size;
  }

  has(key: string): boolean {
    return this.#views.has(key);
  }

  /**
   * @param after the newest revision that was published
   * @param missed what it had not followed already, by key
   */
  put(key: string, publications: Publications, after: number, missed: Iterable<string> = []): void {
    // Its clients' versions say nothing: there is nothing to remember.
    if (this.#closed || publications.view.forgetful) return;
    this.#views.set(key, { publications, missed: new Set(missed), after, since: performance.now() });
    if (this.#views.size > MOST) this.dropOldest();
    this.#arm();
  }

  /** Hands it out. */
  take(key: string): Idle | undefined {
    const idle = this.#views.get(key);
    this.#views.delete(key);
    return idle;
  }

  /** These changed, by key. */
  miss(keys: readonly string[]): void {
    for (const [key, { missed }] of this.#views) {
      for (const each of keys) missed.add(each);
      if (missed.size > MOST_MISSED) this.#views.delete(key);
    }
  }

  dropOldest(): void {
    const [oldest] = this.#views.keys();
    if (oldest !== undefined) this.#views.delete(oldest);
  }

  close(): void {
    this.#closed = true;
    this.#views.clear();
    clearTimeout(this.#timer);
  }

  #arm(): void {
    const [first] = this.#views.values();
    if (this.#timer !== undefined || first === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const now = performance.now();
        for (const [key, { since }] of this.#views) if (now - since >= KEPT) this.#views.delete(key);
        this.#arm();
      },
      first.since + KEPT - performance.now(),
    );
    this.#timer.unref();
  }
}
