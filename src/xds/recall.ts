import { type Sum, sumWith, sumWithout } from './resource.ts';
import type { Store } from './store.ts';
import type { Subscription } from './subscription.ts';
import type { TypeUrl } from './types.ts';

/**
 * State of the world: what a client that comes back holds, from the version that it names alone. A version is the sum over
 * the names asked for, so undoing the latest publications one by one gives the versions of before, at the cost of what
 * they changed; whoever names one of them has what was there then, and needs what changed since.
 */

/** The client holds what there was as of a publication. */
export interface Recalled {
  readonly cursor: number;
  /** It holds as well what was taken away in the publications from here to `cursor`. */
  readonly removalCursor: number;
  /** Over the names asked for, as of `cursor`. */
  readonly sum: Sum;
}

/** As many publications are undone, and as many names in them at most; who was away for longer is sent everything. */
const MOST_PUBLICATIONS = 512;
const MOST_NAMES = 20_000;
/** As many versions of answers that held what was to leave are remembered, of each type. */
const MOST_DOOMED = 256;

/** What the client holds that comes with this version; undefined where it is not known. */
export function recall(sub: Subscription, store: Store, version: string): Recalled | undefined {
  if (!/^[0-9a-f]{32}$/.test(version)) return undefined;
  const sum = BigInt(`0x${version}`);
  return past(sub, store).get(sum) ?? (sub.wildcard ? doomed.get(store)?.get(sub.type)?.get(sum) : undefined);
}

/** Notes an answer to everything that still holds what was taken away in the publications after `removalCursor`. */
export function noteDoomed(sub: Subscription, store: Store, version: Sum, removalCursor: number): void {
  if (!sub.wildcard) return;
  const types = doomed.get(store) ?? new Map<TypeUrl, Map<Sum, Recalled>>();
  doomed.set(store, types);
  const known = types.get(sub.type) ?? new Map<Sum, Recalled>();
  types.set(sub.type, known);
  known.delete(version);
  known.set(version, { cursor: store.seq, removalCursor, sum: store.sum(sub.type) });
  const [oldest] = known.keys();
  if (known.size > MOST_DOOMED && oldest !== undefined) known.delete(oldest);
}

const doomed = new WeakMap<Store, Map<TypeUrl, Map<Sum, Recalled>>>();

type Past = ReadonlyMap<Sum, Recalled>;

interface Kept {
  readonly store: Store;
  readonly type: TypeUrl;
  readonly seq: number;
  readonly past: Past;
}

/** The last ones made, by what streams share: a fleet comes back with the same names, one stream after the other. */
const kept = new WeakMap<object, Kept>();
const everything = new WeakMap<Store, Map<TypeUrl, object>>();

function past(sub: Subscription, store: Store): Past {
  const key = sub.wildcard ? keyOf(store, sub.type) : sub.names.shared;
  const known = key === undefined ? undefined : kept.get(key);
  if (known?.store === store && known.type === sub.type && known.seq === store.seq) return known.past;
  const made = undo(sub, store);
  if (key !== undefined) kept.set(key, { store, type: sub.type, seq: store.seq, past: made });
  return made;
}

function keyOf(store: Store, type: TypeUrl): object {
  const types = everything.get(store) ?? new Map<TypeUrl, object>();
  everything.set(store, types);
  const key = types.get(type) ?? {};
  types.set(type, key);
  return key;
}

/** The sums that the names asked for had before, the newest publication of each. */
function undo(sub: Subscription, store: Store): Past {
  const { type } = sub;
  const made = new Map<Sum, Recalled>();
  /** What names were before the publications undone so far. */
  const digests = new Map<string, bigint | undefined>();
  let sum = sub.sum(store);
  // A client that is told nothing of a removal keeps the version from before it, and asks for one name less.
  let gone = 0n;
  const log = store.log(type);
  for (let i = log.length - 1, names = 0; i >= Math.max(0, log.length - MOST_PUBLICATIONS); i--) {
    const entry = log[i];
    names += entry?.deltas.size ?? 0;
    if (entry === undefined || names > MOST_NAMES) break;
    for (const [name, { before }] of entry.deltas) {
      const asked = sub.covers(name);
      if (!asked && store.get(type, name) !== undefined) continue;
      const after = digests.has(name) ? digests.get(name) : store.get(type, name)?.digest;
      const change = sumWithout(before ?? 0n, after ?? 0n);
      if (asked) sum = sumWith(sum, change);
      else gone = sumWith(gone, change);
      digests.set(name, before);
    }
    const cursor = entry.seq - 1;
    for (const version of [sum, sumWith(sum, gone)]) if (!made.has(version)) made.set(version, { cursor, removalCursor: cursor, sum });
  }
  return made;
}
