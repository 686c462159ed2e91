import type { Claim } from './claim.ts';

/** As a document has it. */
export interface DeclaredEndpoint {
  readonly address: string;
  readonly weight?: number;
  readonly state?: 'unhealthy' | 'draining' | 'disabled';
}

/**
 * The endpoints of the containers of a service, in their order. Where none is there to take requests, those that were or will
 * be are listed as disabled: the service and its routes stay, and Envoy answers 503 rather than 404.
 */
export function endpointsOf(claims: readonly Claim[]): readonly (string | DeclaredEndpoint)[] {
  const there = claims.filter(({ phase }) => phase.state !== 'held');
  const byAddress = new Map<string, DeclaredEndpoint>();
  for (const claim of there.length > 0 ? there : claims) {
    const endpoint = endpointOf(claim);
    const twin = byAddress.get(endpoint.address);
    // One address is one endpoint, whoever is behind it: what serves counts.
    if (twin === undefined || rank(endpoint) < rank(twin)) byAddress.set(endpoint.address, endpoint);
  }
  return [...byAddress.values()].map((each) => (Object.keys(each).length === 1 ? each.address : each));
}

function endpointOf({ endpoint: address, words, phase: { state } }: Claim): DeclaredEndpoint {
  const weight = words.number('weight') ?? 1;
  // Not draining: where nothing else is left, Envoy would go on using one that drains.
  if (weight === 0 || state === 'held') return { address, state: 'disabled' };
  return { address, ...(weight === 1 ? {} : { weight }), ...(state === 'unhealthy' || state === 'draining' ? { state } : {}) };
}

const STATES = [undefined, 'unhealthy', 'draining', 'disabled'];

function rank({ state }: DeclaredEndpoint): number {
  return STATES.indexOf(state);
}
