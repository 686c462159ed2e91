/** Encoded parts of one message in the order of their keys, so that the whole does not depend on the order of events. */
export class SortedParts {
  readonly #parts = new Map<string, Buffer>();
  #keys: string[] = [];
  #sorted = true;
  #changes = 0;

  /** Grows with every change of content. */
  get changes(): number {
    return this.#changes;
  }

  set(key: string, part: Buffer): void {
    const before = this.#parts.get(key);
    if (before?.equals(part)) return;
    this.#parts.set(key, part);
    this.#changes++;
    if (before === undefined) this.#insert(key);
  }

  delete(key: string): void {
    if (!this.#parts.delete(key)) return;
    this.#changes++;
    this.#sort();
    this.#keys.splice(this.#place(key), 1);
  }

  *values(): Iterable<Buffer> {
    this.#sort();
    for (const key of this.#keys) {
      const part = this.#parts.get(key);
      if (part !== undefined) yield part;
    }
  }

  /** Many at once are sorted once, when they are read; a single one finds its place. */
  #insert(key: string): void {
    const last = this.#keys.at(-1);
    if (this.#sorted && last !== undefined && last > key) this.#sorted = false;
    this.#keys.push(key);
  }

  #sort(): void {
    if (this.#sorted) return;
    // Nearly sorted input, one straggler at its end, costs Timsort one pass.
    this.#keys = this.#keys.toSorted(compare);
    this.#sorted = true;
  }

  #place(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** By UTF-16 code units: the same on every machine, whatever its locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
