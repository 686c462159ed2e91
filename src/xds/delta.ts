import type { DeltaRequest } from './codec.ts';
import { EVERYTHING, type Frame, type FrameCache, makeFrame } from './frame.ts';
import { leasedVersion } from './lease.ts';
import { askedFor, setId } from './names.ts';
import { type Resource, sumVersion } from './resource.ts';
import { writeDeltaResponse } from './responses.ts';
import type { Deltas, Removals, Store } from './store.ts';
import type { Subscription } from './subscription.ts';

/**
 * The incremental variant: what a request changes in a subscription, and what is to be sent next
 * (xds_protocol.rst, "Incremental xDS"). Acknowledgements are the stream's business.
 */

const WILDCARD = '*';

/** About the size at which an answer is cut in two. Clients built on gRPC libraries receive at most 4 MiB unless told otherwise. */
const FRAME_BYTES = 1 << 20;

/** Applies what a request says about the subscription. Stale or not, it counts: delta requests are never superseded. */
export function applyDelta(sub: Subscription, store: Store, request: DeltaRequest, first: boolean): void {
  const { subscribe, unsubscribe, initialVersions } = request;
  // Without any name in the first request of a type it means everything ("How the client specifies what resources to return").
  if (first && subscribe.length === 0 && unsubscribe.length === 0) subscribeToAll(sub, store);
  const { wildcard, names } = askedFor(subscribe);
  if (wildcard) {
    // Spelled out for the first time, the wildcard that a request without names began goes on.
    if (!sub.wildcard || sub.wildcardNamed) subscribeToAll(sub, store);
    sub.wildcardNamed = true;
  }
  if (names.size > 0) {
    // A name held already is sent again when it is subscribed to once more ("Subscribing to Resources").
    sub.names.addAll(subscribe);
    sub.fresh.addAll(subscribe);
  }
  for (const name of unsubscribe) {
    if (name === WILDCARD) {
      unsubscribeFromAll(sub);
    } else if (sub.names.delete(name)) {
      // Under a wildcard the client cannot know whether it still holds the name, and is told ("Unsubscribing from Resources").
      if (sub.wildcard) sub.fresh.add(name);
      else sub.fresh.delete(name);
      if (store.byName(sub.type)) sub.gone.add(name);
    }
  }
  if (first && initialVersions.size > 0) skipHeld(sub, store, initialVersions);
}

function subscribeToAll(sub: Subscription, store: Store): void {
  // Of what is sent by name alone everything is nothing, and the client waits to be told.
  sub.owed = true;
  if (store.byName(sub.type)) return;
  sub.wildcard = true;
  sub.all = true;
}

function unsubscribeFromAll(sub: Subscription): void {
  if (!sub.wildcard) return;
  sub.wildcard = false;
  sub.wildcardNamed = false;
  sub.all = false;
  sub.owed = false;
  for (const name of [...sub.fresh]) if (!sub.names.has(name)) sub.fresh.delete(name);
}

/** A client that comes back says what it holds: only the difference is sent, with what vanished meanwhile. */
function skipHeld(sub: Subscription, store: Store, held: ReadonlyMap<string, string>): void {
  sub.returning = true;
  sub.all = false;
  sub.owed = false;
  const { lease } = sub;
  const fresh = new Set<string>();
  const isHeld = (name: string): boolean => {
    const resource = store.get(sub.type, name);
    return resource !== undefined && held.get(name) === leasedVersion(resource.version, lease);
  };
  for (const name of sub.wildcard ? store.resources(sub.type).keys() : []) if (!isHeld(name)) fresh.add(name);
  for (const name of sub.names) if (!isHeld(name)) fresh.add(name);
  lease?.returned(
    [...held.keys()].filter(isHeld).flatMap((name) => store.get(sub.type, name) ?? []),
    performance.now(),
  );
  for (const name of held.keys()) {
    // Sent by name alone, what is held and not named has to go as well.
    if (sub.covers(name) ? store.get(sub.type, name) !== undefined : !store.byName(sub.type)) continue;
    // A removal like any other: not before what refers to it.
    fresh.delete(name);
    sub.gone.add(name);
  }
  sub.fresh.become(fresh);
}

/**
 * What is to be sent now. Moves the cursors.
 * @param removeTo removals of publications up to this one may go out
 * @returns the answers in their order, none where there is nothing to say; undefined where the client lags too far behind
 */
export function nextDelta(sub: Subscription, store: Store, cache: FrameCache, removeTo: number): readonly Frame[] | undefined {
  const changes = store.since(sub.type, sub.cursor);
  const leaving = store.removals(sub.type, sub.removalCursor, removeTo);
  if (changes === undefined || leaving === undefined) return undefined;
  // What came back since is the log's business, with all that becomes of it.
  const gone = sub.startedAt <= removeTo ? [...sub.gone].filter((name) => !changes.has(name) || !sub.covers(name)) : [];
  const key = sub.gone.size === 0 && mayShare(sub, changes, leaving) ? shareKey(sub, leaving, removeTo) : undefined;
  const made = cache.shared(
    key,
    (kept) => sub.mayTake(kept),
    () => frames(sub, store, changes, leaving, gone),
  );
  for (const name of sub.gone) if (changes.has(name) && sub.covers(name)) sub.gone.delete(name);
  sub.servedUpTo(store.seq, removeTo);
  return made;
}

/** Another stream with the same {@link shareKey} is due the same. */
function mayShare(sub: Subscription, changes: Deltas, leaving: Removals): boolean {
  if (sub.fresh.shared === undefined) return false;
  if (sub.wildcard) return true;
  for (const name of changes.keys()) if (!sub.names.has(name)) return false;
  for (const name of leaving.keys()) if (!sub.names.has(name)) return false;
  return true;
}

function shareKey(sub: Subscription, leaving: Removals, removeTo: number): string {
  const removals = leaving.size === 0 ? '' : `${sub.removalCursor}-${removeTo}`;
  const fresh = sub.fresh.shared === undefined || sub.fresh.size === 0 ? '' : setId(sub.fresh.shared);
  return ['delta', sub.type, sub.all ? 'all' : sub.cursor, fresh, removals, sub.owed, sub.lease?.seconds].join(' ');
}

function frames(sub: Subscription, store: Store, changes: Deltas, leaving: Removals, gone: readonly string[]): readonly Frame[] {
  const upserts = new Map<string, Resource>();
  const removed = new Set<string>();
  const look = (name: string): void => {
    const resource = store.get(sub.type, name);
    if (resource !== undefined) upserts.set(name, resource);
  };
  if (sub.all) for (const [name, resource] of store.resources(sub.type)) upserts.set(name, resource);
  else for (const name of changes.keys()) if (sub.covers(name)) look(name);
  for (const name of sub.fresh) {
    look(name);
    // What does not exist is answered at once, and the subscription stays ("Knowing When a Requested Resource Does Not Exist").
    if (!upserts.has(name)) removed.add(name);
  }
  for (const name of leaving.keys()) if (sub.covers(name) && !sub.neverSent(name, changes)) removed.add(name);
  // What has been named meanwhile stays.
  for (const name of gone) if (sub.covers(name) ? store.get(sub.type, name) === undefined : store.byName(sub.type)) removed.add(name);
  if (upserts.size === 0 && removed.size === 0 && !sub.owed) return [];
  const parts = split(upserts.values());
  const version = sumVersion(store.sum(sub.type));
  const from = sub.asksAnew || gone.length > 0 ? EVERYTHING : Math.min(sub.cursor, leaving.size === 0 ? sub.cursor : sub.removalCursor);
  return parts.map((part, i): Frame => {
    const leftOut = i === parts.length - 1 ? [...removed] : [];
    const about = { type: sub.type, version, from, seq: store.seq, names: [...part.map(({ name }) => name), ...leftOut] };
    const { lease } = sub;
    const entries = lease === undefined ? part : part.map((resource) => lease.entry(resource));
    const leased = lease === undefined ? {} : { leased: part };
    return makeFrame({ ...about, ...leased }, part, (nonce) => writeDeltaResponse(sub.type, version, nonce, entries, leftOut));
  });
}

/** In parts of about {@link FRAME_BYTES}, at least one part. */
export function split(resources: Iterable<Resource>): Resource[][] {
  const parts: Resource[][] = [[]];
  let size = 0;
  for (const resource of resources) {
    if (size > 0 && size + resource.any.length > FRAME_BYTES) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(resource);
    size += resource.any.length + resource.name.length + 50;
  }
  return parts;
}
