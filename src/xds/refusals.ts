import { Bucket } from './bucket.ts';

/** A client that was turned away, told once for all the times that it came back for the same reason. */
export interface Refusal {
  /** IP address, without the port: each attempt has one of its own. */
  readonly address: string;
  readonly reason: string;
  readonly count: number;
  /** Milliseconds since the epoch, of the last time. */
  readonly at: number;
}

/** Older ones are forgotten, milliseconds. */
const MEMORY_MS = 10 * 60_000;
/** Clients that make up reasons must not fill the memory, nor what lists them, nor the log: lines a second. */
const MOST = 1000;
const MOST_SHOWN = 100;
const MOST_LINES = 20;
/** The same refusal is told again after as long, milliseconds. */
const QUIET_MS = 60_000;

/** Who was turned away lately and why. Time is milliseconds since the epoch. */
export class Refusals {
  /** In the order of their last time. */
  readonly #recent = new Map<string, { refusal: Refusal; toldAt: number }>();
  readonly #lines = new Bucket(MOST_LINES, 0);
  total = 0;

  /** Notes a refusal; true where it is time to tell of it. */
  note(address: string, reason: string, now: number): boolean {
    this.total++;
    const key = `${address} ${reason}`;
    const before = this.#recent.get(key);
    this.#recent.delete(key);
    const isNews = (before === undefined || now - before.toldAt >= QUIET_MS) && this.#hasLine(now);
    this.#recent.set(key, {
      refusal: { address, reason, count: (before?.refusal.count ?? 0) + 1, at: now },
      toldAt: isNews ? now : (before?.toldAt ?? Number.NEGATIVE_INFINITY),
    });
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > MOST && oldest !== undefined) this.#recent.delete(oldest);
    return isNews;
  }

  /** The latest first. */
  recent(now: number): Refusal[] {
    return [...this.#recent.values()]
      .map(({ refusal }) => refusal)
      .filter(({ at }) => now - at < MEMORY_MS)
      .toReversed()
      .slice(0, MOST_SHOWN);
  }

  #hasLine(now: number): boolean {
    if (this.#lines.take(now) === 0) return true;
    this.#lines.putBack();
    return false;
  }
}
