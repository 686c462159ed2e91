import type { Route } from '../model/route.ts';
import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';
import { serviceName, virtualHostName } from './names.ts';

/** What requests to one host meet. */
export interface HostContent {
  /** In any order. */
  readonly routes: readonly Route[];
  /** The service whose host it is: what no route takes. */
  readonly fallback: Service | undefined;
  /** The service of an id, where the Envoy has it. */
  resolve(id: string): Service | undefined;
}

/**
 * The same under the name by which it is asked for: Envoy takes it away by its own name.
 * @param table the name of the route table
 */
export function onDemandVirtualHost(table: string, host: string, content: HostContent): JsonObject {
  return { ...virtualHost(host, content), name: virtualHostName(table, host) };
}

/** config.route.v3.VirtualHost */
export function virtualHost(host: string, { fallback }: HostContent): JsonObject {
  return { name: host, domains: [host], routes: fallback === undefined ? [] : [defaultRoute(fallback)] };
}

function defaultRoute(service: Service): JsonObject {
  return {
    match: { prefix: '/' },
    route: {
      cluster: serviceName(service),
      // Envoy would cut every answer off after 15 s; streams, long polls and downloads take longer. Idle ones end after 5 minutes.
      timeout: '0s',
      // Only where the upstream cannot have seen the request, so that it is safe for any method.
      retryPolicy: { retryOn: 'connect-failure,refused-stream,reset-before-request', numRetries: 2 },
    },
  };
}
