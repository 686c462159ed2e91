import type { Stored } from '../model/kinds.ts';
import type { Quarantined } from '../model/quarantined.ts';

/** Where they outlive the daemon. */
export interface QuarantineStore {
  list(): Iterable<Quarantined>;
  /** @throws Error where it cannot be written */
  put(entry: Quarantined): void;
  /** @throws Error where it cannot be written */
  delete(view: string, key: string): void;
}

/** Why an object is parked no more: it is not any more what was refused, or somebody wants it tried again. */
export type Ending = 'changed' | 'by-hand';

/** The quarantines of all views. One that cannot be written counts all the same: it is lost with the daemon, no sooner. */
export class Quarantines {
  readonly #store: QuarantineStore | undefined;
  readonly #onFault: (thrown: unknown) => void;
  readonly #onEnded: (entry: Quarantined, why: Ending) => void;
  /** By view, then by key. */
  readonly #views = new Map<string, Map<string, Quarantined>>();

  constructor(
    store: QuarantineStore | undefined,
    onFault: (thrown: unknown) => void = () => {},
    onEnded: (entry: Quarantined, why: Ending) => void = () => {},
  ) {
    this.#store = store;
    this.#onFault = onFault;
    this.#onEnded = onEnded;
    for (const entry of store?.list() ?? []) this.#of(entry.view).set(entry.key, entry);
  }

  /** The oldest first. */
  list(): Quarantined[] {
    return [...this.#views.values()].flatMap((entries) => [...entries.values()]).toSorted((a, b) => (a.since < b.since ? -1 : 1));
  }

  /** Those of a view, by key. */
  of(view: string): ReadonlyMap<string, Quarantined> {
    return this.#views.get(view) ?? new Map();
  }

  add(entry: Quarantined): void {
    this.#of(entry.view).set(entry.key, entry);
    this.#write((store) => store.put(entry));
  }

  /** @returns whether it was there */
  end(view: string, key: string, why: Ending = 'changed'): boolean {
    const entries = this.#views.get(view);
    const entry = entries?.get(key);
    if (entries === undefined || entry === undefined) return false;
    entries.delete(key);
    if (entries.size === 0) this.#views.delete(view);
    this.#write((store) => store.delete(view, key));
    this.#onEnded(entry, why);
    return true;
  }

  /** Ends those of objects that are not any more what was refused. */
  follow(key: string, now: Stored | undefined): void {
    for (const [view, entries] of [...this.#views]) {
      const entry = entries.get(key);
      if (entry !== undefined && entry.revision !== now?.revision) this.end(view, key);
    }
  }

  #of(view: string): Map<string, Quarantined> {
    const known = this.#views.get(view) ?? new Map<string, Quarantined>();
    this.#views.set(view, known);
    return known;
  }

  #write(change: (store: QuarantineStore) => void): void {
    if (this.#store === undefined) return;
    try {
      change(this.#store);
    } catch (thrown) {
      this.#onFault(thrown);
    }
  }
}
