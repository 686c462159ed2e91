import { type Frame, type FrameCache, makeFrame } from './frame.ts';
import { sumVersion } from './resource.ts';
import { writeDeltaResponse, writeSotwResponse } from './responses.ts';
import type { Store } from './store.ts';
import type { Subscription } from './subscription.ts';

/**
 * The heartbeat that is due to a subscription (xds_protocol.rst, "TTL"), shared by all that hold the same; undefined where
 * there is nothing to renew, or an answer is under way.
 *
 * In the state of the world an answer with listeners or clusters is all of them. Envoy sorts out heartbeats before it
 * compares (1.36 and 1.40: `GrpcMuxImpl::onDiscoveryResponse`), so that one without bodies would take everything away: there
 * the resources come with theirs. It has them already, and changes nothing.
 */
export function heartbeat(sub: Subscription, store: Store, cache: FrameCache, variant: 'delta' | 'sotw'): Frame | undefined {
  const { lease, type, whole } = sub;
  if (lease === undefined || lease.held.size === 0 || sub.outstanding.size > 0 || sub.hasAdditions(store.seq)) return undefined;
  const sotw = variant === 'sotw';
  // In other types what is gone is not taken away in the state of the world; its time may pass.
  const lasts = (name: string): boolean => sub.covers(name) && (!sotw || whole || store.get(type, name) !== undefined);
  for (const name of [...lease.held.keys()]) if (!lasts(name)) lease.letGo(name);
  if (lease.held.size === 0) return undefined;
  const { seconds, sum } = lease;
  const version = sotw ? lease.version : sumVersion(store.sum(type));
  const key = ['beat', variant, type, seconds, sum, version].join(' ');
  const make = (): Frame[] => {
    const resources = [...lease.held.values()];
    const about = { type, version, from: store.seq, seq: store.seq, names: resources.map(({ name }) => name) };
    const entries = resources.map((resource) => lease.entry(resource, sotw && whole));
    return [makeFrame(about, [], (nonce) => (sotw ? writeSotwResponse(type, version, nonce, entries) : writeDeltaResponse(type, version, nonce, entries, [])))];
  };
  return cache.shared(key, (kept) => sub.mayTake(kept), make)[0];
}
