import { type SotwRequest, writeSotwResponse } from './codec.ts';
import { type Frame, type FrameCache, followersOf, nextNonce } from './frame.ts';
import { type Resource, type Sum, sumVersion, sumWith } from './resource.ts';
import type { Deltas, Store } from './store.ts';
import type { Subscription } from './subscription.ts';

/**
 * The state-of-the-world variant: what a request changes in a subscription, and what is to be sent next
 * (xds_protocol.rst, "SotW"). The version of an answer stands for all that the client holds of the type once it has
 * taken it, so a client that comes back with that version needs nothing.
 */

/** Applies the names of a request. The caller has sorted out stale ones. */
export function applySotw(sub: Subscription, store: Store, request: SotwRequest, first: boolean): void {
  if (first) {
    sub.cursor = store.seq;
    sub.removalCursor = store.seq;
  }
  // An empty list means everything until a name (or "*") was asked for, and nothing from then on.
  if (request.names.length > 0) sub.everNamed = true;
  const wildcard = request.names.includes('*') || !sub.everNamed;
  const names = new Set(request.names);
  names.delete('*');
  if (wildcard && !sub.wildcard) {
    sub.all = true;
    sub.owed = true;
  }
  if (wildcard !== sub.wildcard) sub.forgetSum();
  sub.wildcard = wildcard;
  for (const name of sub.names) {
    if (names.has(name)) continue;
    sub.names.delete(name);
    sub.fresh.delete(name);
    sub.forgetSum();
  }
  for (const name of names) {
    if (sub.names.has(name)) continue;
    sub.names.add(name);
    sub.fresh.add(name);
    sub.forgetSum();
    // What the whole lacks does not exist, so the asker is owed one answer even where nothing is there.
    if (sub.whole) sub.owed = true;
  }
  if (first && request.versionInfo !== '' && request.versionInfo === sumVersion(sub.sum(store))) {
    sub.all = false;
    sub.owed = false;
    sub.fresh.clear();
  }
}

/**
 * What is to be sent now. Moves the cursors.
 * @param removals whether removals may go out yet
 * @returns the answer, none where there is nothing to say; undefined where the client lags too far behind
 */
export function nextSotw(sub: Subscription, store: Store, cache: FrameCache, removals: boolean): readonly Frame[] | undefined {
  const changes = store.since(sub.type, sub.cursor);
  const removable = store.since(sub.type, sub.removalCursor);
  if (changes === undefined || removable === undefined) return undefined;
  const from = Math.min(sub.cursor, removals ? sub.removalCursor : sub.cursor);
  sub.advance(store, changes);
  const frames = sub.whole ? whole(sub, store, cache, changes, removable, removals, from) : part(sub, store, cache, changes, from);
  // Endpoints and routes leave with their parent; there is no way to take them away ("Deleting Resources").
  if (removals || !sub.whole) sub.removalCursor = store.seq;
  sub.all = false;
  sub.owed = false;
  sub.fresh.clear();
  return frames;
}

/** All that the client is to hold; what may not be removed yet is still in it. */
function whole(sub: Subscription, store: Store, cache: FrameCache, changes: Deltas, removable: Deltas, removals: boolean, from: number): readonly Frame[] {
  const doomed: Resource[] = [];
  let leaving = false;
  for (const [name, { removed }] of removable) {
    if (removed === undefined || !sub.covers(name) || store.resources(sub.type).has(name)) continue;
    leaving = true;
    if (!removals) doomed.push(removed);
  }
  const touched = sub.all || sub.owed || sub.fresh.size > 0 || [...changes].some(([name]) => sub.covers(name) && store.resources(sub.type).has(name));
  if (!touched && !(removals && leaving)) return [];
  let sum: Sum = sub.sum(store);
  for (const { digest } of doomed) sum = sumWith(sum, digest);
  const version = sumVersion(sum);
  const key = sub.wildcard && sub.fresh.size === 0 ? ['sotw', sub.type, version, from, sub.all].join(' ') : undefined;
  const make = (): Frame[] => [frame(sub, store, version, from, [...covered(sub, store), ...doomed], followed(sub, store, changes))];
  return key === undefined ? make() : cache.shared(key, make);
}

/** What changed and what was newly asked for. */
function part(sub: Subscription, store: Store, cache: FrameCache, changes: Deltas, from: number): readonly Frame[] {
  const resources = new Map<string, Resource>();
  const look = (name: string): void => {
    const resource = store.get(sub.type, name);
    if (resource !== undefined) resources.set(name, resource);
  };
  if (sub.all) for (const resource of covered(sub, store)) resources.set(resource.name, resource);
  for (const name of changes.keys()) if (sub.covers(name)) look(name);
  for (const name of sub.fresh) look(name);
  if (resources.size === 0) return [];
  const version = sumVersion(sub.sum(store));
  const make = (): Frame[] => [frame(sub, store, version, from, [...resources.values()], followersOf(resources.values()))];
  if (sub.all || sub.fresh.size > 0 || resources.size !== changes.size) return make();
  return cache.shared(['sotw', sub.type, version, from].join(' '), make);
}

function frame(sub: Subscription, store: Store, version: string, from: number, resources: readonly Resource[], followers: Frame['followers']): Frame {
  const nonce = nextNonce();
  const bytes = writeSotwResponse(sub.type, version, nonce, resources);
  return { type: sub.type, version, nonce, bytes, from, seq: store.seq, resources: resources.length, followers };
}

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
function followed(sub: Subscription, store: Store, changes: Deltas): Frame['followers'] {
  const changed: Resource[] = [];
  for (const name of sub.all ? store.resources(sub.type).keys() : [...changes.keys(), ...sub.fresh]) {
    const resource = store.get(sub.type, name);
    if (resource !== undefined && sub.covers(name)) changed.push(resource);
  }
  return followersOf(changed);
}
