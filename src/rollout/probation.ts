import type { Stored } from '../model/kinds.ts';

/** What a publication made of one object. */
export interface OnProbation {
  readonly key: string;
  /** The publications that hold it, since it was last known to be good. */
  first: number;
  last: number;
  /** As it is published; undefined where it was taken away. */
  version: Stored | undefined;
  /** As it was when it was known to be good; undefined where it never was. */
  good: Stored | undefined;
}

/** The objects of a lane that were published and that no client, or not each, has taken yet, with what they were before. */
export class Probation {
  readonly #entries = new Map<string, OnProbation>();

  get size(): number {
    return this.#entries.size;
  }

  /**
   * An object was published.
   * @param before what was published of it before
   * @param accepted the newest publication that a client is known to have taken
   */
  note(key: string, seq: number, before: Stored | undefined, version: Stored | undefined, accepted: number): void {
    const known = this.#entries.get(key);
    if (known === undefined) {
      this.#entries.set(key, { key, first: seq, last: seq, version, good: before });
      return;
    }
    if (known.last <= accepted) {
      known.good = known.version;
      known.first = seq;
    }
    known.last = seq;
    known.version = version;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Everything up to `seq` was taken. */
  passed(seq: number): void {
    for (const { key, last } of this.#entries.values()) if (last <= seq) this.#entries.delete(key);
  }

  /** Those in the publications after `from`, up to `to`, as they are now. */
  within(from: number, to: number): Readonly<OnProbation>[] {
    return [...this.#entries.values()].filter(({ first, last }) => first <= to && last > from).map((entry) => ({ ...entry }));
  }
}
