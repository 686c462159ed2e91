import type { Store } from './store.ts';
import type { Subscription } from './subscription.ts';
import { CLUSTER, ENDPOINTS, isOptional, referrers, sendPlace, type TypeUrl, VIRTUAL_HOST } from './types.ts';

/**
 * Make before break, within one stream (xds_protocol.rst, "Eventual consistency considerations"). Envoy holds back its
 * acknowledgement of clusters until they are warm, so a route that waits for it never meets a cluster that is not.
 */

/** Answers of one type under way at most; past that a stream waits, and changes meanwhile melt into one. */
const MOST_IN_FLIGHT = 8;

const WAITS_FOR_NOTHING: ReadonlySet<TypeUrl> = new Set([CLUSTER, ENDPOINTS, VIRTUAL_HOST]);

/**
 * How long additions and changes of `sub` have to wait for earlier types, milliseconds: 0 for not at all, infinity where
 * something of an earlier type has to be sent first. Endpoints never wait for clusters: a cluster is not warm, and so not
 * acknowledged, before it has them. Nor do virtual hosts: a request waits for each, and their clusters are asked for in turn.
 * @param seq the newest publication
 * @param patience how long they may wait altogether, and for one answer, milliseconds: one name that does not resolve
 *   must not hold up the rest
 */
export function additionsWait(sub: Subscription, all: readonly Subscription[], seq: number, now: number, patience: number): number {
  const place = sendPlace(sub.type);
  if (place === undefined || WAITS_FOR_NOTHING.has(sub.type)) return 0;
  let wait = 0;
  for (const other of all) {
    const otherPlace = sendPlace(other.type);
    if (otherPlace === undefined || otherPlace >= place) continue;
    if (other.hasAdditions(seq)) return Number.POSITIVE_INFINITY;
    for (const { at } of other.outstanding.values()) wait = Math.max(wait, at + patience - now);
  }
  return Math.min(wait, (sub.waitingSince ?? now) + patience - now);
}

/** How long a further answer has to wait until some of those under way are answered, or given up on, milliseconds. */
export function flightWait({ outstanding }: Subscription, now: number, patience: number): number {
  if (outstanding.size < MOST_IN_FLIGHT) return 0;
  const first = [...outstanding.values()].at(-MOST_IN_FLIGHT);
  return first === undefined ? 0 : Math.max(0, first.at + patience - now);
}

/** The publication up to which removals of `sub` may go out: nothing that the client holds as of it refers to them any more. */
export function removableUpTo(sub: Subscription, all: readonly Subscription[]): number {
  let upTo = Number.POSITIVE_INFINITY;
  for (const referrer of referring(sub, all)) upTo = Math.min(upTo, referrer.taken());
  return upTo;
}

/**
 * How long removals of `sub` have to wait for referrers that have not been asked for yet, milliseconds. A client that
 * comes back asks for one type after the other, and holds old routes when it asks for clusters.
 * @param age of the stream, milliseconds
 * @param store what it may ask for
 */
export function absentReferrersWait(sub: Subscription, all: readonly Subscription[], age: number, patience: number, store: Store): number {
  if (!sub.returning) return 0;
  const isThere = (type: TypeUrl): boolean => all.some((other) => other.type === type) || (isOptional(type) && !isServed(type, store));
  return referrers(sub.type).every(isThere) ? 0 : Math.max(0, patience - age);
}

/** Removals of `sub` stay back until something changes: a client that refused a newer referrer goes on with its old one. */
export function isHeldByRejection(sub: Subscription, all: readonly Subscription[]): boolean {
  return referring(sub, all).some((referrer) => referrer.rejection !== undefined || isHeldByRejection(referrer, all));
}

function isServed(type: TypeUrl, store: Store): boolean {
  return store.aliases(type) !== undefined || store.resources(type).size > 0;
}

function referring(sub: Subscription, all: readonly Subscription[]): Subscription[] {
  const types = referrers(sub.type);
  return all.filter((other) => types.includes(other.type));
}
