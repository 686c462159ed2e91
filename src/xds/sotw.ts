import type { SotwRequest } from './codec.ts';
import { EVERYTHING, type Frame, type FrameCache, makeFrame } from './frame.ts';
import { leasedVersion } from './lease.ts';
import { type Asked, askedFor, setId, without } from './names.ts';
import { noteDoomed, recall } from './recall.ts';
import { release, releasedBefore } from './released.ts';
import { type Resource, type Sum, sumVersion, sumWith } from './resource.ts';
import { writeSotwResponse } from './responses.ts';
import type { Deltas, Removals, Store } from './store.ts';
import type { Subscription } from './subscription.ts';
import type { TypeUrl } from './types.ts';

/**
 * The state-of-the-world variant: what a request changes in a subscription, and what is to be sent next
 * (xds_protocol.rst, "SotW"). The version of an answer stands for all that the client holds of the type once it has
 * taken it, so a client that comes back with that version needs nothing.
 */

const WILDCARD = '*';
const ALL: ReadonlySet<string> = new Set([WILDCARD]);

/** Applies the names of a request. The caller has sorted out stale ones. */
export function applySotw(sub: Subscription, store: Store, request: SotwRequest, first: boolean): void {
  if (request.names === sub.list && sub.dropped.size === 0) return;
  sub.list = request.names;
  const { wildcard, names } = asked(sub, request);
  if (wildcard && (!sub.wildcard || sub.dropped.has(WILDCARD))) {
    sub.all = true;
  }
  if (sub.wildcard && (!wildcard || sub.dropped.has(WILDCARD))) release(sub, store, ALL);
  if (wildcard !== sub.wildcard) sub.forgetSum();
  if (sub.wildcard && !wildcard && sub.whole) sub.parked.letGoOfAllBut(new Set([...names].filter((name) => sub.names.has(name))));
  sub.wildcard = wildcard;
  rename(sub, store, names);
  sub.dropped.clear();
  if (!first) return;
  const released = releasedBefore(sub, store, request.versionInfo);
  if (request.versionInfo !== '') skipHeld(sub, store, request.versionInfo, released);
}

/** From now on these names are asked for; those that are new, or were let go in between, are to be sent. */
function rename(sub: Subscription, store: Store, names: ReadonlySet<string>): void {
  const before = sub.names.shared ?? new Set(sub.names);
  if (names === before && sub.dropped.size === 0) return;
  sub.names.become(names);
  sub.forgetSum();
  if (before.size > 0 && !sub.wildcard) release(sub, store, without(before, names).union(sub.dropped));
  if (names.size === 0 && !sub.wildcard) {
    // Nothing is asked for: what was still due is not, above all no empty whole.
    sub.all = false;
  }
  const added = without(names, before);
  if (sub.fresh.size === 0) sub.fresh.become(added);
  else for (const name of added) sub.fresh.add(name);
  for (const name of sub.dropped) if (names.has(name)) sub.fresh.add(name);
  if (sub.fresh.size > added.size) for (const name of [...sub.fresh]) if (!names.has(name)) sub.fresh.delete(name);
  if (sub.whole && !sub.wildcard) for (const name of before) if (!names.has(name)) sub.parked.letGo(name);
}

/**
 * Takes note of a request with a stale nonce: it changes nothing, but what it lacks the client has let go, so that it is
 * sent again where a later request names it again.
 */
export function noteStale(sub: Subscription, request: SotwRequest): void {
  const { wildcard, names } = asked(sub, request);
  if (sub.wildcard && !wildcard) sub.dropped.add(WILDCARD);
  for (const name of sub.names) if (!names.has(name)) sub.dropped.add(name);
}

/** An empty list means everything until a name (or "*") was asked for, and nothing from then on. */
function asked(sub: Subscription, request: SotwRequest): Asked {
  if (request.names.length > 0) sub.everNamed = true;
  const { wildcard, names } = askedFor(request.names);
  return { wildcard: wildcard || !sub.everNamed, names };
}

/** A client that comes back says which version it took last, and needs what changed since. */
function skipHeld(sub: Subscription, store: Store, version: string, released: ReadonlySet<string>): void {
  sub.returning = true;
  // A version outlives what it stood for where that was for a time.
  if (sub.lease !== undefined) return;
  const sum = sub.sum(store);
  if (version === sumVersion(sum)) {
    if (sub.whole) sub.parked.holds(everything(sub, store));
    sub.resume(sub.cursor, sub.removalCursor, sum);
  } else {
    const held = recall(sub, store, version);
    if (held === undefined) return;
    sub.resume(held.cursor, held.removalCursor, held.sum);
  }
  // Nothing that it holds is known, but for what is to leave: that is held against the removals.
  if (released.has(WILDCARD)) everythingIsDue(sub);
  for (const name of released) if (sub.names.has(name) || (sub.wildcard && store.get(sub.type, name) !== undefined)) sub.fresh.add(name);
}

function everythingIsDue(sub: Subscription): void {
  sub.all = sub.wildcard;
  for (const name of sub.names) sub.fresh.add(name);
}

/**
 * Of what the client holds from another store, what this one lacks leaves as a removal does: not before what refers to it.
 * @param held all that it holds of the type; undefined where that is not known
 */
export function keepHeld(sub: Subscription, store: Store, held: ReadonlyMap<string, Resource> | undefined): void {
  if (held === undefined || !sub.whole) return;
  for (const [name, resource] of held) {
    if (store.get(sub.type, name) !== undefined || !sub.covers(name)) continue;
    sub.gone.add(name);
    sub.kept ??= new Map();
    sub.kept.set(name, resource);
  }
}

/** The removals with what is kept, but for what came back: that is the log's business. */
function withKept({ kept = new Map() }: Subscription, removals: Removals, changes: Deltas): Removals {
  return new Map([...removals, ...[...kept].filter(([name]) => !changes.has(name))]);
}

/**
 * What is to be sent now. Moves the cursors.
 * @param removeTo removals of publications up to this one may go out
 * @returns the answer, none where there is nothing to say; undefined where the client lags too far behind
 */
export function nextSotw(sub: Subscription, store: Store, cache: FrameCache, removeTo: number): readonly Frame[] | undefined {
  const changes = store.since(sub.type, sub.cursor);
  let absent = sub.whole ? store.removals(sub.type, sub.removalCursor, store.seq) : new Map();
  let leaving = sub.whole ? store.removals(sub.type, sub.removalCursor, removeTo) : new Map();
  if (changes === undefined || absent === undefined || leaving === undefined) return undefined;
  if (sub.kept !== undefined) {
    absent = withKept(sub, absent, changes);
    if (sub.startedAt <= removeTo) leaving = withKept(sub, leaving, changes);
  }
  const held = some(absent.keys(), (name) => stillHeld(sub, name, changes));
  sub.followSum(store, changes);
  const made = sub.whole ? whole(sub, store, cache, changes, absent, leaving) : part(sub, store, cache, changes);
  for (const name of sub.kept?.keys() ?? []) {
    if (!changes.has(name)) continue;
    sub.kept?.delete(name);
    sub.gone.delete(name);
  }
  // Endpoints and routes leave with their parent; there is no way to take them away ("Deleting Resources").
  sub.servedUpTo(store.seq, held ? removeTo : store.seq);
  if (made.length > 0 && sub.removalCursor < store.seq && sub.kept === undefined) noteDoomed(sub, store, sub.wholeSent ?? 0n, sub.removalCursor);
  return made;
}

/** All that the client is to hold: what is `absent` by now but not `leaving` yet is still in it. */
function whole(sub: Subscription, store: Store, cache: FrameCache, changes: Deltas, absent: Removals, leaving: Removals): readonly Frame[] {
  const held = (name: string): boolean => stillHeld(sub, name, changes);
  const doomed = [...absent.values()].filter(({ name }) => held(name) && !leaving.has(name));
  const leaves = some(leaving.keys(), held);
  const changed = some(changes.keys(), (name) => sub.covers(name) && store.get(sub.type, name) !== undefined);
  // Who asks for a name is answered even where nothing is there: what the whole lacks does not exist.
  if (!sub.asksAnew && !changed && !leaves) return [];
  let sum = sub.sum(store);
  for (const { digest } of doomed) sum = sumWith(sum, digest);
  // What was to leave and came back in time has not changed for the client, unless it was to be sent once more.
  const again = (name: string): boolean => sub.covers(name) && changes.get(name)?.before === store.get(sub.type, name)?.digest;
  if (!sub.asksAnew && sum === sub.wholeSent && !(changed && some(changes.keys(), again))) return [];
  sub.wholeSent = sum;
  const from = sub.asksAnew ? EVERYTHING : Math.min(sub.cursor, leaves ? sub.removalCursor : sub.cursor);
  const withheld = withhold(sub, store, changes, doomed);
  // The refusal may be made up for and its resource still stay back: the sum does not say what is in the answer.
  const version = withheld.size > 0 && sub.rejection === undefined ? `${sumVersion(sum)}-${sub.lastNonce}` : versionFor(sub, sum);
  const stays = [...withheld].map(([name, instead]) => `${name}=${instead?.version}`).toSorted();
  return shared(sub, cache, [version, ...stays].join(' '), from, () => {
    const resources = [...covered(sub, store), ...doomed];
    return frame(sub, store, version, from, resources, followed(sub, store, changes), withheld);
  });
}

/** What stays back, since the client refused it and it has not changed since, with what is sent in its place. */
function withhold(sub: Subscription, store: Store, changes: Deltas, doomed: readonly Resource[]): ReadonlyMap<string, Resource | undefined> {
  const { parked } = sub;
  if (parked.size === 0) return NONE;
  parked.release((name) => sub.all || sub.fresh.has(name) || (changes.has(name) && store.get(sub.type, name) !== undefined));
  return parked.size === 0 ? NONE : parked.withhold([...covered(sub, store), ...doomed]);
}

const NONE: ReadonlyMap<string, undefined> = new Map();

/** The client may hold it: what it asks for anew it has let go of, unless it only came back. */
function stillHeld(sub: Subscription, name: string, changes: Deltas): boolean {
  const anew = (sub.all || sub.fresh.has(name)) && !(sub.returning && sub.lastNonce === '');
  return sub.covers(name) && !anew && !sub.neverSent(name, changes);
}

/** What changed and what was newly asked for. */
function part(sub: Subscription, store: Store, cache: FrameCache, changes: Deltas): readonly Frame[] {
  const resources = new Map<string, Resource>();
  const look = (name: string): void => {
    const resource = store.get(sub.type, name);
    if (resource !== undefined) resources.set(name, resource);
  };
  if (sub.all) for (const resource of covered(sub, store)) resources.set(resource.name, resource);
  for (const name of changes.keys()) if (sub.covers(name)) look(name);
  for (const name of sub.fresh) look(name);
  if (resources.size === 0) return [];
  const version = versionFor(sub, sub.sum(store));
  const from = sub.asksAnew ? EVERYTHING : sub.cursor;
  const make = (): Frame => frame(sub, store, version, from, [...resources.values()], resources.values());
  return some(changes.keys(), (name) => !sub.covers(name)) ? [make()] : shared(sub, cache, version, from, make);
}

/** Streams that are to hold the same, which is what the version says, and have come as far are sent the same. */
function shared(sub: Subscription, cache: FrameCache, version: string, from: number, make: () => Frame): readonly Frame[] {
  const fresh = sub.fresh.shared;
  const key = fresh === undefined ? undefined : ['sotw', sub.type, version, setId(fresh), sub.all, sub.cursor, from].join(' ');
  return cache.shared(
    key,
    (kept) => sub.mayTake(kept),
    () => [make()],
  );
}

/**
 * While a refusal stands, the client does not hold what the sum says, maybe half of it: the version must neither let it
 * skip anything when it comes back, nor be one that it was sent before (envoy#12592).
 */
function versionFor(sub: Subscription, sum: Sum): string {
  const version = leasedVersion(sumVersion(sum), sub.lease);
  return sub.rejection === undefined ? version : `${version}-${sub.rejection.answer.nonce}`;
}

/** @param changed those whose followers have to come again */
function frame(
  sub: Subscription,
  store: Store,
  version: string,
  from: number,
  resources: readonly Resource[],
  changed: Iterable<Resource>,
  withheld: ReadonlyMap<string, Resource | undefined> = NONE,
): Frame {
  const rest = withheld.size === 0 ? resources : resources.filter(({ name }) => !withheld.has(name));
  const listed = withheld.size === 0 ? resources : [...rest, ...[...withheld.values()].filter((instead) => instead !== undefined)];
  const { lease } = sub;
  const about = {
    type: sub.type,
    version,
    from,
    seq: store.seq,
    names: rest.map(({ name }) => name),
    ...(sub.whole ? { whole: listed } : {}),
    ...(withheld.size === 0 ? {} : { withheld: new Set(withheld.keys()) }),
    ...(lease === undefined ? {} : { leased: listed }),
  };
  const entries = lease === undefined ? listed : listed.map((resource) => lease.entry(resource));
  return makeFrame(about, changed, (nonce) => writeSotwResponse(sub.type, version, nonce, entries));
}

/** All that there is of what is asked for; one list for all streams that ask for everything. */
function everything(sub: Subscription, store: Store): readonly Resource[] {
  if (!sub.wildcard) return [...covered(sub, store)];
  const known = lists.get(store)?.get(sub.type);
  if (known?.seq === store.touched(sub.type)) return known.list;
  const made = { seq: store.touched(sub.type), list: [...covered(sub, store)] };
  lists.set(store, (lists.get(store) ?? new Map<TypeUrl, typeof made>()).set(sub.type, made));
  return made.list;
}

const lists = new WeakMap<Store, Map<TypeUrl, { readonly seq: number; readonly list: readonly Resource[] }>>();

function* covered(sub: Subscription, store: Store): Iterable<Resource> {
  if (sub.wildcard) {
    yield* store.resources(sub.type).values();
    return;
  }
  for (const name of sub.names) {
    const resource = store.get(sub.type, name);
    if (resource !== undefined) yield resource;
  }
}

/** An unchanged cluster in the whole stays as it is; only those that changed warm anew and need their endpoints again. */
function* followed(sub: Subscription, store: Store, changes: Deltas): Iterable<Resource> {
  for (const name of sub.all ? store.resources(sub.type).keys() : new Set([...changes.keys(), ...sub.fresh])) {
    const resource = store.get(sub.type, name);
    if (resource !== undefined && sub.covers(name)) yield resource;
  }
}

function some<T>(values: Iterable<T>, test: (value: T) => boolean): boolean {
  for (const value of values) if (test(value)) return true;
  return false;
}
