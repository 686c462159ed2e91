/**
 * Names that clients ask for, counted, so that what is made for a name can be let go with the last who asks. Each has a key
 * that says what it depends on.
 */
export class AskedNames {
  readonly #keyOf: (name: string) => string | undefined;
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  readonly #byKey = new Map<string, Set<string>>();
  readonly #lists = new Map<object, ReadonlySet<string>>();

  /**
   * @param keyOf undefined for names that nothing could ever be made for
   * @param most as many names are kept; a client that makes up more must not fill the memory
   */
  constructor(keyOf: (name: string) => string | undefined, most: number) {
    this.#keyOf = keyOf;
    this.#most = most;
  }

  /**
   * From now on `asker` asks for `names` and for no others; none ends it.
   * @returns the names that nobody asked for before, and those that nobody asks for any more
   */
  replace(asker: object, names: Iterable<string>): { readonly added: readonly string[]; readonly dropped: readonly string[] } {
    const before = this.#lists.get(asker);
    const after = new Set<string>();
    const added: string[] = [];
    for (const name of names) {
      if (after.has(name)) continue;
      if (before?.has(name)) after.add(name);
      else if (this.#take(name, added)) after.add(name);
    }
    const dropped: string[] = [];
    for (const name of before ?? []) if (!after.has(name)) this.#release(name, dropped);
    if (after.size === 0) this.#lists.delete(asker);
    else this.#lists.set(asker, after);
    return { added, dropped };
  }

  /** The names with this key. */
  of(key: string): Iterable<string> {
    return this.#byKey.get(key) ?? [];
  }

  keys(): Iterable<string> {
    return this.#byKey.keys();
  }

  get size(): number {
    return this.#counts.size;
  }

  #take(name: string, added: string[]): boolean {
    const count = this.#counts.get(name);
    if (count !== undefined) {
      this.#counts.set(name, count + 1);
      return true;
    }
    const key = this.#counts.size < this.#most ? this.#keyOf(name) : undefined;
    if (key === undefined) return false;
    this.#counts.set(name, 1);
    const same = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, same.add(name));
    added.push(name);
    return true;
  }

  #release(name: string, dropped: string[]): void {
    const count = this.#counts.get(name) ?? 0;
    if (count > 1) {
      this.#counts.set(name, count - 1);
      return;
    }
    this.#counts.delete(name);
    dropped.push(name);
    const key = this.#keyOf(name) ?? '';
    const same = this.#byKey.get(key);
    same?.delete(name);
    if (same?.size === 0) this.#byKey.delete(key);
  }
}
