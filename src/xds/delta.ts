import { type DeltaRequest, writeDeltaResponse } from './codec.ts';
import { type Frame, type FrameCache, followersOf, nextNonce } from './frame.ts';
import { type Resource, sumVersion } from './resource.ts';
import type { Deltas, Store } from './store.ts';
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
  if (first) {
    sub.cursor = store.seq;
    sub.removalCursor = store.seq;
    // Without any name on the first request of a type it means everything ("How the client specifies what resources to return").
    if (request.subscribe.length === 0) subscribeToAll(sub);
  }
  for (const name of request.subscribe) {
    if (name === WILDCARD) {
      subscribeToAll(sub);
    } else {
      // A name held already is sent again when it is subscribed to once more ("Subscribing to Resources").
      sub.names.add(name);
      sub.fresh.add(name);
    }
  }
  for (const name of request.unsubscribe) {
    if (name === WILDCARD) {
      sub.wildcard = false;
      sub.all = false;
    } else if (sub.names.delete(name)) {
      sub.fresh.delete(name);
      // Under a wildcard the client cannot know whether it still holds the name, and is told ("Unsubscribing from Resources").
      if (sub.wildcard) sub.fresh.add(name);
    }
  }
  if (first && request.initialVersions.size > 0) skipHeld(sub, store, request.initialVersions);
}

function subscribeToAll(sub: Subscription): void {
  if (sub.wildcard) return;
  sub.wildcard = true;
  sub.all = true;
  sub.owed = true;
}

/** A client that comes back says what it holds: only the difference is sent, with what vanished meanwhile. */
function skipHeld(sub: Subscription, store: Store, held: ReadonlyMap<string, string>): void {
  if (sub.wildcard) {
    sub.all = false;
    sub.owed = false;
    for (const [name, resource] of store.resources(sub.type)) if (held.get(name) !== resource.version) sub.fresh.add(name);
  }
  for (const [name, version] of held) {
    const now = store.get(sub.type, name);
    if (now?.version === version) sub.fresh.delete(name);
    else if (now === undefined && sub.covers(name)) sub.fresh.add(name);
  }
}

/**
 * What is to be sent now. Moves the cursors.
 * @param removals whether removals may go out yet
 * @returns the answers in their order, none where there is nothing to say; undefined where the client lags too far behind
 */
export function nextDelta(sub: Subscription, store: Store, cache: FrameCache, removals: boolean): readonly Frame[] | undefined {
  const changes = store.since(sub.type, sub.cursor);
  const removable = removals ? store.since(sub.type, sub.removalCursor) : undefined;
  if (changes === undefined || (removals && removable === undefined)) return undefined;
  const key = shareKey(sub, changes, removable);
  const make = (): Frame[] => frames(sub, store, changes, removable);
  const made = key === undefined ? make() : cache.shared(key, make);
  sub.advance(store, changes);
  if (removals) sub.removalCursor = store.seq;
  sub.all = false;
  sub.owed = false;
  sub.fresh.clear();
  return made;
}

/** Streams with the same key get the same answer. */
function shareKey(sub: Subscription, changes: Deltas, removable: Deltas | undefined): string | undefined {
  if (sub.fresh.size > 0) return undefined;
  if (!sub.wildcard) {
    if (sub.all) return undefined;
    for (const name of changes.keys()) if (!sub.names.has(name)) return undefined;
    if (removable !== undefined) for (const name of removable.keys()) if (!sub.names.has(name)) return undefined;
  }
  return ['delta', sub.type, sub.all || sub.cursor, removable === undefined ? '' : sub.removalCursor, sub.owed].join(' ');
}

function frames(sub: Subscription, store: Store, changes: Deltas, removable: Deltas | undefined): Frame[] {
  const upserts = new Map<string, Resource>();
  const removed = new Set<string>();
  const look = (name: string): void => {
    const resource = store.get(sub.type, name);
    if (resource !== undefined) upserts.set(name, resource);
  };
  if (sub.all && sub.wildcard) for (const [name, resource] of store.resources(sub.type)) upserts.set(name, resource);
  else for (const name of changes.keys()) if (sub.covers(name)) look(name);
  for (const name of sub.fresh) {
    look(name);
    // What does not exist is answered at once, and the subscription stays ("Knowing When a Requested Resource Does Not Exist").
    if (!upserts.has(name)) removed.add(name);
  }
  if (removable !== undefined) for (const [name, delta] of removable) if (delta.removed !== undefined && sub.covers(name) && !store.resources(sub.type).has(name)) removed.add(name);
  if (upserts.size === 0 && removed.size === 0 && !sub.owed) return [];
  const parts = split(upserts.values());
  const version = sumVersion(store.sum(sub.type));
  return parts.map((part, i): Frame => {
    const last = i === parts.length - 1;
    const nonce = nextNonce();
    return {
      type: sub.type,
      version,
      nonce,
      bytes: writeDeltaResponse(sub.type, version, nonce, part, last ? removed : []),
      from: Math.min(sub.cursor, removable === undefined ? sub.cursor : sub.removalCursor),
      seq: store.seq,
      resources: part.length,
      followers: followersOf(part),
    };
  });
}

/** In parts of about {@link FRAME_BYTES}, at least one part. */
function split(resources: Iterable<Resource>): Resource[][] {
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
