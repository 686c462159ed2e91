import { askedFor } from './names.ts';

/** As many names may differ from the shared ones before a stream takes over, or makes, a set that has them in it. */
const MOST_APART = 128;
/** How many unions with one set are remembered. */
const MOST_KEPT = 4;

const NONE: ReadonlySet<string> = new Set();

/** Sets with a list of names added: a fleet asks for the same ones, one stream after the other. */
const unions = new WeakMap<ReadonlySet<string>, { readonly list: readonly string[]; readonly union: WeakRef<ReadonlySet<string>> }[]>();

/** What a set became when a stream had gone too far from it; others that went the same way take it over. Weak, or the first would keep all later ones. */
const successors = new WeakMap<ReadonlySet<string>, Successor>();

interface Successor {
  readonly plus: ReadonlySet<string>;
  readonly minus: ReadonlySet<string>;
  readonly next: WeakRef<ReadonlySet<string>>;
}

/**
 * A set of names that streams share, and what one of them has more or less than that: a thousand streams that ask for
 * ten thousand names each, one more now and then, must not hold ten million.
 */
export class NameSet {
  #base: ReadonlySet<string> = NONE;
  #plus: Set<string> | undefined;
  #minus: Set<string> | undefined;

  get size(): number {
    return this.#base.size + (this.#plus?.size ?? 0) - (this.#minus?.size ?? 0);
  }

  has(name: string): boolean {
    if (this.#plus?.has(name) === true) return true;
    return this.#base.has(name) && (this.#minus === undefined || !this.#minus.has(name));
  }

  /** The set that it is, where others may be the very same one; undefined where it differs from what is shared. */
  get shared(): ReadonlySet<string> | undefined {
    return this.#plus === undefined && this.#minus === undefined ? this.#base : undefined;
  }

  *[Symbol.iterator](): Generator<string> {
    for (const name of this.#base) if (this.#minus === undefined || !this.#minus.has(name)) yield name;
    if (this.#plus !== undefined) yield* this.#plus;
  }

  clear(): void {
    this.become(NONE);
  }

  /** From now on it is this set, which nobody changes. */
  become(names: ReadonlySet<string>): void {
    this.#base = names.size === 0 ? NONE : names;
    this.#plus = undefined;
    this.#minus = undefined;
  }

  add(name: string): void {
    if (this.has(name)) return;
    if (this.#base.has(name)) {
      this.#minus?.delete(name);
      if (this.#minus?.size === 0) this.#minus = undefined;
      return;
    }
    this.#plus ??= new Set();
    this.#plus.add(name);
    this.#settle();
  }

  delete(name: string): boolean {
    if (!this.has(name)) return false;
    if (this.#plus?.delete(name) === true) {
      if (this.#plus.size === 0) this.#plus = undefined;
      return true;
    }
    this.#minus ??= new Set();
    this.#minus.add(name);
    this.#settle();
    return true;
  }

  /** Adds the names of a list, but for the wildcard. */
  addAll(list: readonly string[]): void {
    const { names } = askedFor(list);
    if (this.size === 0) this.become(names);
    else if (list.length > MOST_APART && this.shared !== undefined) this.#base = unite(this.#base, list);
    else for (const name of names) this.add(name);
  }

  /** Goes over to a set with less of a difference, where there is too much of it. */
  #settle(): void {
    const plus = this.#plus ?? NONE;
    const minus = this.#minus ?? NONE;
    if (plus.size + minus.size <= MOST_APART) return;
    if (this.#follow(plus, minus)) return;
    const next = new Set(this);
    successors.set(this.#base, { plus, minus, next: new WeakRef(next) });
    this.become(next);
  }

  /** Takes over what another stream made of the same set, where that is near enough. */
  #follow(plus: ReadonlySet<string>, minus: ReadonlySet<string>): boolean {
    const known = successors.get(this.#base);
    const next = known?.next.deref();
    if (known === undefined || next === undefined) return false;
    const more = plus.difference(known.plus).union(known.minus.difference(minus));
    const less = minus.difference(known.minus).union(known.plus.difference(plus));
    if (more.size + less.size > MOST_APART / 2) return false;
    this.#base = next;
    this.#plus = filled(more);
    this.#minus = filled(less);
    return true;
  }
}

function filled(names: Set<string>): Set<string> | undefined {
  return names.size === 0 ? undefined : names;
}

function unite(base: ReadonlySet<string>, list: readonly string[]): ReadonlySet<string> {
  const kept = unions.get(base) ?? [];
  const known = kept.find((entry) => entry.list === list)?.union.deref();
  if (known !== undefined) return known;
  const union = base.union(askedFor(list).names);
  unions.set(base, [{ list, union: new WeakRef(union) }, ...kept.filter((entry) => entry.list !== list)].slice(0, MOST_KEPT));
  return union;
}
