import type { Resource } from '../xds/resource.ts';
import type { Store } from '../xds/store.ts';
import { CLUSTER, SEND_ORDER, type TypeUrl } from '../xds/types.ts';
import type { Fleet } from './fleet.ts';
import type { Preview } from './preview.ts';

/** Whose content is asked for. */
export type Whose = { readonly group: string } | { readonly node: string };

/** What an Envoy, or one of a group, is given. */
export interface Content {
  readonly group: string;
  /** False where it is what one would be given, since none is connected. */
  readonly connected: boolean;
  readonly stores: readonly Store[];
}

/**
 * What those who are connected are given is what their views hold; where nobody is, it is made for the purpose.
 * @returns undefined for a node that was never here
 * @throws Error where an Envoy of the group would have nothing to listen on
 */
export function contentOf(fleet: Fleet, preview: Preview, whose: Whose): Content | undefined {
  if ('node' in whose) {
    const node = fleet.nodes.get(whose.node);
    if (node === undefined) return undefined;
    const stores = new Set([...node.streams].map(({ publications }) => publications.view.store));
    return stores.size === 0 ? contentOf(fleet, preview, { group: node.group }) : { group: node.group, connected: true, stores: [...stores] };
  }
  const { group } = whose;
  // Those who ask for what they need once they need it, and clients of another kind, have a part of it.
  const whole = [...fleet.views].filter(({ publications: { view }, streams }) => {
    return view.group === group && view.kind !== 'grpc' && !view.store.byName(CLUSTER) && streams.size > 0;
  });
  const found = whole.find(({ publications }) => publications.view.kind === 'ads') ?? whole[0];
  return { group, connected: found !== undefined, stores: [found?.publications.view.store ?? preview.store(group)] };
}

/** All resources of some stores, in the order in which they are sent, each one once. */
export function resourcesIn(stores: readonly Store[], type?: TypeUrl): Resource[] {
  const types = new Set(stores.flatMap((store) => [...store.types()]));
  const place = (each: TypeUrl): number => (SEND_ORDER.includes(each) ? SEND_ORDER.indexOf(each) : SEND_ORDER.length);
  const wanted = [...types].filter((each) => type === undefined || each === type);
  wanted.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  return wanted.flatMap((each) => {
    const byName = new Map(stores.flatMap((store) => [...store.resources(each)]));
    return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
  });
}
