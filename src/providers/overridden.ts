import { addressOf, type Endpoint } from '../model/endpoint.ts';
import { isDeclared, type Wish } from '../model/kinds.ts';
import type { Override } from '../model/provider-status.ts';

/** A service as its provider declares it, with what people laid over its endpoints. An override of one endpoint goes before one of all. */
export function overridden(wish: Wish, overrides: readonly Override[]): Wish {
  if (overrides.length === 0 || isDeclared(wish)) return wish;
  const all = overrides.find(({ endpoint }) => endpoint === undefined);
  const byAddress = new Map(overrides.flatMap((each) => (each.endpoint === undefined ? [] : [[each.endpoint, each] as const])));
  return { ...wish, endpoints: wish.endpoints.map((endpoint) => laidOver(endpoint, { ...all, ...said(byAddress.get(addressOf(endpoint))) })) };
}

function said(override: Override | undefined): Pick<Override, 'weight' | 'state'> {
  const { weight, state } = override ?? {};
  return { ...(weight === undefined ? {} : { weight }), ...(state === undefined ? {} : { state }) };
}

/** In the one form that the schema gives to equal content. */
function laidOver(endpoint: string | Endpoint, { weight, state }: Pick<Override, 'weight' | 'state'>): string | Endpoint {
  const { address, ...words } = typeof endpoint === 'string' ? { address: endpoint } : endpoint;
  const next: Partial<Endpoint> & { weight?: number; state?: string } = { ...words };
  if (weight !== undefined) next.weight = weight;
  if (next.weight === 1) delete next.weight;
  if (state === 'healthy') delete next.state;
  else if (state !== undefined) next.state = state;
  return Object.keys(next).length === 0 ? address : ({ address, ...ordered(next) } as Endpoint);
}

function ordered({ weight, zone, priority, state }: Partial<Endpoint>): Partial<Endpoint> {
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(zone === undefined ? {} : { zone }),
    ...(priority === undefined ? {} : { priority }),
    ...(state === undefined ? {} : { state }),
  };
}
