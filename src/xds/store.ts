import type { Aliases } from './aliases.ts';
import { Pulse } from './pulse.ts';
import { type Resource, type Sum, sumWith, sumWithout } from './resource.ts';
import type { TypeUrl } from './types.ts';

/** One wish to the store: a resource to hold, or the name of one to let go. */
export type Edit = { readonly type: TypeUrl; readonly name: string; readonly resource: Resource | null };

/**
 * What became of one name. What it is now, the store says; the log must not keep every version of a large resource alive,
 * so it holds digests, and the resource itself only where it was taken away.
 */
export interface Delta {
  /** Digest of the resource before; undefined where there was none. */
  readonly before: bigint | undefined;
  /** The resource that is gone. */
  readonly removed: Resource | undefined;
}

export type Deltas = ReadonlyMap<string, Delta>;

/** What is gone, by name. */
export type Removals = ReadonlyMap<string, Resource>;

const NOTHING: Deltas = new Map();
const NO_REMOVALS: Removals = new Map();

/** What differs where clients ask for what they need once they need it. */
export interface StoreOptions {
  /** Types of which the wildcard covers nothing: who wants a resource has to name it. */
  readonly byName?: ReadonlySet<TypeUrl>;
  /** Types whose resources answer to more names than their own. */
  readonly aliases?: ReadonlyMap<TypeUrl, Aliases>;
  /** Types whose resources clients that can do so drop when they hear nothing of them for so long; none that has aliases. */
  readonly ttl?: { readonly seconds: number; readonly types: ReadonlySet<TypeUrl> } | undefined;
}

/** How many publications, and how many names in them, a stream may lag behind before it has to start anew. */
const LOG_PUBLICATIONS = 4096;
const LOG_NAMES = 100_000;

/** What a publication made of one type. */
export interface Logged {
  readonly seq: number;
  readonly deltas: Deltas;
}

interface Table {
  readonly resources: Map<string, Resource>;
  sum: Sum;
  /** Publications that touched this type, oldest first. */
  readonly log: Logged[];
  loggedNames: number;
  /** Publications up to this one are not in the log any more. */
  forgotten: number;
  /** Differences asked for since the last publication: streams of one fleet ask for the same ones, one after the other. */
  readonly since: Map<number, Deltas>;
  readonly removals: Map<string, Removals>;
}

/** As many differences are kept. */
const MOST_KEPT = 16;

/**
 * What one group of Envoys is to hold, and the way that led here: publications count up (`seq`), and a stream that has
 * sent everything up to one of them asks for what changed since. Cost follows the change: nothing is copied, hashed or
 * walked whole.
 */
export class Store {
  readonly #tables = new Map<TypeUrl, Table>();
  readonly #listeners = new Set<() => void>();
  readonly #options: StoreOptions;
  /** When what has a time to live is to be renewed; undefined where nothing has one. */
  readonly pulse: Pulse | undefined;
  #seq = 0;

  constructor(options: StoreOptions = {}) {
    this.#options = options;
    this.pulse = options.ttl === undefined ? undefined : new Pulse(options.ttl.seconds);
  }

  /** The newest publication. */
  get seq(): number {
    return this.#seq;
  }

  /** True where the wildcard covers nothing of the type. */
  byName(type: TypeUrl): boolean {
    return this.#options.byName?.has(type) === true;
  }

  /** By which other names resources of the type may be asked for; undefined where by none. */
  aliases(type: TypeUrl): Aliases | undefined {
    return this.#options.aliases?.get(type);
  }

  /** After how many seconds clients drop resources of the type unless they hear of them; undefined for never. */
  ttl(type: TypeUrl): number | undefined {
    const { ttl } = this.#options;
    return ttl?.types.has(type) ? ttl.seconds : undefined;
  }

  get(type: TypeUrl, name: string): Resource | undefined {
    return this.#tables.get(type)?.resources.get(name);
  }

  resources(type: TypeUrl): ReadonlyMap<string, Resource> {
    return this.#tables.get(type)?.resources ?? new Map();
  }

  types(): Iterable<TypeUrl> {
    return this.#tables.keys();
  }

  /** The sum over all resources of the type, for a version. */
  sum(type: TypeUrl): Sum {
    return this.#tables.get(type)?.sum ?? 0n;
  }

  /** The newest publication that has something of the type in it. */
  touched(type: TypeUrl): number {
    return this.#tables.get(type)?.log.at(-1)?.seq ?? 0;
  }

  /** The publications that touched the type, oldest first, as far back as they are known. */
  log(type: TypeUrl): readonly Logged[] {
    return this.#tables.get(type)?.log ?? [];
  }

  /**
   * Applies the edits as one publication, which {@link announce} tells the streams of. Edits that change nothing in the
   * end are left out, and where none is left there is no publication.
   * @param again names whose resources every subscriber is sent once more, changed or not
   * @returns the newest publication
   */
  publish(edits: Iterable<Edit>, again: Iterable<{ type: TypeUrl; name: string }> = []): number {
    const changed = new Map<TypeUrl, Map<string, Delta>>();
    const note = (type: TypeUrl, name: string, before: bigint | undefined, removed: Resource | undefined): void => {
      const deltas = changed.get(type) ?? new Map<string, Delta>();
      changed.set(type, deltas);
      const earlier = deltas.get(name);
      deltas.set(name, { before: earlier === undefined ? before : earlier.before, removed });
    };
    for (const { type, name, resource } of edits) {
      const table = this.#table(type);
      const before = table.resources.get(name);
      if (before?.version === resource?.version) continue;
      if (before !== undefined) table.sum = sumWithout(table.sum, before.digest);
      if (resource === null) {
        table.resources.delete(name);
      } else {
        table.resources.set(name, resource);
        table.sum = sumWith(table.sum, resource.digest);
      }
      note(type, name, before?.digest, resource === null ? before : undefined);
    }
    for (const [type, deltas] of changed) {
      for (const [name, { before }] of deltas) if (this.get(type, name)?.digest === before) deltas.delete(name);
      if (deltas.size === 0) changed.delete(type);
    }
    for (const { type, name } of again) {
      const resource = this.get(type, name);
      if (resource !== undefined) note(type, name, resource.digest, undefined);
    }
    if (changed.size === 0) return this.#seq;
    this.#seq++;
    for (const [type, deltas] of changed) this.#remember(this.#table(type), deltas);
    return this.#seq;
  }

  /** Holds a resource that nobody has asked for so far, so that nobody has to be told: there is no publication of it. */
  admit(resource: Resource): void {
    const table = this.#table(resource.type);
    this.withdraw(resource.type, resource.name);
    table.resources.set(resource.name, resource);
    table.sum = sumWith(table.sum, resource.digest);
  }

  /** Lets go of one that nobody asks for any more, likewise. */
  withdraw(type: TypeUrl, name: string): void {
    const table = this.#tables.get(type);
    const held = table?.resources.get(name);
    if (table === undefined || held === undefined) return;
    table.resources.delete(name);
    table.sum = sumWithout(table.sum, held.digest);
  }

  /** Tells the listeners that there is something new. */
  announce(): void {
    for (const listener of this.#listeners) listener();
  }

  /**
   * What changed in the publications after `seq`, by name, the latest state of each; undefined where that is too long ago
   * to be known.
   */
  since(type: TypeUrl, seq: number): Deltas | undefined {
    const table = this.#tables.get(type);
    if (table === undefined) return NOTHING;
    if (seq < table.forgotten) return undefined;
    const newest = table.log.at(-1);
    if (newest === undefined || newest.seq <= seq) return NOTHING;
    const known = table.since.get(seq);
    if (known !== undefined) return known;
    const entries = table.log.slice(firstAfter(table, seq));
    return keep(table.since, seq, entries.length === 1 ? newest.deltas : merge(entries, table.resources));
  }

  /**
   * What was taken away in the publications after `from`, up to `to`, and has not been touched by any since; undefined
   * where that is too long ago to be known.
   */
  removals(type: TypeUrl, from: number, to: number): Removals | undefined {
    const table = this.#tables.get(type);
    if (table === undefined || to <= from) return NO_REMOVALS;
    if (from < table.forgotten) return undefined;
    if ((table.log.at(-1)?.seq ?? 0) <= from) return NO_REMOVALS;
    const key = `${from} ${Math.min(to, this.#seq)}`;
    return table.removals.get(key) ?? keep(table.removals, key, removalsIn(table, from, to));
  }

  /** Called at each {@link announce}. Returns the way to stop it. */
  onAnnounce(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #table(type: TypeUrl): Table {
    let table = this.#tables.get(type);
    if (table === undefined) {
      table = { resources: new Map(), sum: 0n, log: [], loggedNames: 0, forgotten: 0, since: new Map(), removals: new Map() };
      this.#tables.set(type, table);
    }
    return table;
  }

  #remember(table: Table, deltas: Deltas): void {
    table.log.push({ seq: this.#seq, deltas });
    table.loggedNames += deltas.size;
    table.since.clear();
    table.removals.clear();
    while (table.log.length > LOG_PUBLICATIONS || (table.loggedNames > LOG_NAMES && table.log.length > 1)) {
      const dropped = table.log.shift();
      if (dropped === undefined) break;
      table.loggedNames -= dropped.deltas.size;
      table.forgotten = dropped.seq;
    }
  }
}

function firstAfter(table: Table, seq: number): number {
  return table.log.findLastIndex((entry) => entry.seq <= seq) + 1;
}

function keep<K, V>(kept: Map<K, V>, key: K, value: V): V {
  if (kept.size < MOST_KEPT) kept.set(key, value);
  return value;
}

function removalsIn(table: Table, from: number, to: number): Removals {
  const removals = new Map<string, Resource>();
  for (let i = firstAfter(table, from); i < table.log.length; i++) {
    const entry = table.log[i];
    for (const [name, { removed }] of entry?.deltas ?? []) {
      if (removed === undefined || (entry?.seq ?? 0) > to) removals.delete(name);
      else removals.set(name, removed);
    }
  }
  return removals;
}

/** What changed and changed back is left out, unless it was to be sent once more on the way. */
function merge(entries: readonly { deltas: Deltas }[], now: ReadonlyMap<string, Resource>): Deltas {
  const merged = new Map<string, Delta>();
  const several = new Map<string, { last: bigint | undefined; again: boolean }>();
  for (const { deltas } of entries) {
    for (const [name, delta] of deltas) {
      const earlier = merged.get(name);
      merged.set(name, earlier === undefined ? delta : { before: earlier.before, removed: delta.removed });
      if (earlier === undefined) continue;
      // What went before changed nothing where this one begins as it did: it was to be sent once more.
      const known = several.get(name) ?? { last: earlier.before, again: false };
      several.set(name, { last: delta.before, again: known.again || (delta.before !== undefined && known.last === delta.before) });
    }
  }
  for (const [name, { last, again }] of several) {
    const digest = now.get(name)?.digest;
    if (digest !== undefined && !again && last !== digest && merged.get(name)?.before === digest) merged.delete(name);
  }
  return merged;
}
