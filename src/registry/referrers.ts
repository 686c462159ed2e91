import { keyOf, type Wish } from '../model/kinds.ts';
import { referencesOf } from '../model/references.ts';

/** Who refers to what, by keys. */
export class Referrers {
  readonly #byTarget = new Map<string, Set<string>>();

  add(wish: Wish): void {
    for (const target of referencesOf(wish)) {
      const known = this.#byTarget.get(target) ?? new Set<string>();
      this.#byTarget.set(target, known);
      known.add(keyOf(wish));
    }
  }

  remove(wish: Wish): void {
    for (const target of referencesOf(wish)) {
      const known = this.#byTarget.get(target);
      known?.delete(keyOf(wish));
      if (known?.size === 0) this.#byTarget.delete(target);
    }
  }

  of(key: string): Iterable<string> {
    return this.#byTarget.get(key) ?? [];
  }
}
