import type { Endpoint } from '../model/endpoint.ts';
import type { Service } from '../model/service.ts';

type Said = string | Endpoint;

/**
 * The endpoints that there are for requests, those first that take them as long as they can: by priority, numbered without
 * gaps, as both Envoy and gRPC want them; those that drain come last, so that they do not count towards what of the others is healthy.
 */
export function tiers({ endpoints }: Pick<Service, 'endpoints'>): readonly (readonly Said[])[] {
  const taking = Map.groupBy(
    endpoints.filter((endpoint) => stateOf(endpoint) === 'healthy'),
    (endpoint) => wordsOf(endpoint).priority ?? 0,
  );
  const sorted = [...taking].toSorted(([a], [b]) => a - b).map(([, tier]) => tier);
  const draining = endpoints.filter((endpoint) => stateOf(endpoint) === 'draining');
  return draining.length === 0 ? sorted : [...sorted, draining];
}

/** In parts by zone, in the order in which they are first named. */
export function zones(tier: readonly Said[]): readonly (readonly [zone: string | undefined, endpoints: readonly Said[]])[] {
  return [...Map.groupBy(tier, (endpoint) => wordsOf(endpoint).zone)];
}

export function wordsOf(endpoint: Said): Partial<Endpoint> {
  return typeof endpoint === 'string' ? {} : endpoint;
}

export function stateOf(endpoint: Said): 'healthy' | 'draining' | 'disabled' {
  return wordsOf(endpoint).state ?? 'healthy';
}
