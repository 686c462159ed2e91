import type { Subscription } from './subscription.ts';
import { isReferredTo, sendPlace } from './types.ts';

/**
 * Make before break, within one stream (xds_protocol.rst, "Eventual consistency considerations"). Envoy holds back its
 * acknowledgement of clusters until they are warm, so a route that waits for it never meets a cluster that is not.
 */

/**
 * How long additions and changes of `sub` have to wait for earlier types to be answered, milliseconds; 0 for not at all.
 * Endpoints never wait for clusters: a cluster is not warm, and so not acknowledged, before it has them.
 * @param patience what one answer may take at most before nobody waits for it any more, milliseconds
 */
export function mayAdd(sub: Subscription, all: readonly Subscription[], now: number, patience: number): number {
  const place = sendPlace(sub.type);
  if (place === undefined || isReferredTo(sub.type)) return 0;
  let wait = 0;
  for (const other of all) {
    const otherPlace = sendPlace(other.type);
    if (otherPlace === undefined || otherPlace >= place) continue;
    for (const { at } of other.outstanding.values()) wait = Math.max(wait, at + patience - now);
  }
  return wait;
}

/** Whether removals of `sub` may go out: once listeners and routes as of publication `seq` have been sent and taken. */
export function mayRemove(sub: Subscription, all: readonly Subscription[], seq: number): boolean {
  const place = sendPlace(sub.type);
  if (place === undefined || !isReferredTo(sub.type)) return true;
  for (const other of all) {
    if (isReferredTo(other.type) || sendPlace(other.type) === undefined) continue;
    if (!other.settled(seq) || other.rejection !== undefined) return false;
  }
  return true;
}
