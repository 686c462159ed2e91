import type { Endpoint } from '../model/endpoint.ts';
import type { Service } from '../model/service.ts';

type Said = string | Endpoint;

/**
 * The endpoints that there are, by priority, numbered without gaps as both Envoy and gRPC want them. Those that drain stay with
 * their kind: Envoy leaves them out when it counts how much of a priority is healthy, so that they bring about no panic.
 */
export function tiers({ endpoints }: Pick<Service, 'endpoints'>): readonly (readonly Said[])[] {
  const there = endpoints.filter((endpoint) => wordsOf(endpoint).state !== 'disabled');
  const byPriority = Map.groupBy(there, (endpoint) => wordsOf(endpoint).priority ?? 0);
  return [...byPriority].toSorted(([a], [b]) => a - b).map(([, tier]) => tier);
}

/** In parts by zone, in the order in which they are first named. */
export function zones(tier: readonly Said[]): readonly (readonly [zone: string | undefined, endpoints: readonly Said[]])[] {
  return [...Map.groupBy(tier, (endpoint) => wordsOf(endpoint).zone)];
}

export function wordsOf(endpoint: Said): Partial<Endpoint> {
  return typeof endpoint === 'string' ? {} : endpoint;
}
