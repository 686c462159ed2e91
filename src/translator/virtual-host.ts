import type { Route } from '../model/route.ts';
import { inOrder } from '../model/route-order.ts';
import type { Resolve } from '../model/route-targets.ts';
import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';
import { virtualHostName } from './names.ts';
import { route, serviceRoute } from './route.ts';

/** What requests to one host meet. */
export interface HostContent {
  /** Those of the host, in any order. */
  readonly routes: readonly Route[];
  /** The service whose host it is: what no route takes. */
  readonly fallback: Service | undefined;
  /** The services of the group; who makes a virtual host of what it finds publishes them with it. */
  readonly resolve: Resolve;
}

/**
 * config.route.v3.VirtualHost of one host: every match of its routes, in the order in which they are asked, and after them
 * the service whose host it is. A request that none of them takes is answered with 404 by Envoy.
 */
export function virtualHost(host: string, { routes, fallback, resolve }: HostContent): JsonObject {
  const all = [...inOrder(routes).map((each) => route(each, resolve)), ...(fallback === undefined ? [] : [serviceRoute(fallback)])];
  return { name: host, domains: [host], ...(all.length === 0 ? {} : { routes: all }) };
}

/** The same under the name by which it is asked for: Envoy takes it away by its own name. @param table that of its route table */
export function onDemandVirtualHost(table: string, host: string, content: HostContent): JsonObject {
  return { ...virtualHost(host, content), name: virtualHostName(table, host) };
}
