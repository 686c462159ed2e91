import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';
import { serviceName, virtualHostName } from './names.ts';

/** The same under the name by which it is asked for: Envoy takes it away by its own name. */
export function onDemandVirtualHost(service: Service): JsonObject {
  return { ...virtualHost(service), name: virtualHostName(service.host) };
}

/** config.route.v3.VirtualHost */
export function virtualHost(service: Service): JsonObject {
  const name = serviceName(service);
  return {
    name,
    domains: [service.host],
    routes: [
      {
        match: { prefix: '/' },
        route: {
          cluster: name,
          // Envoy would cut every answer off after 15 s; streams, long polls and downloads take longer. Idle ones end after 5 minutes.
          timeout: '0s',
          // Only where the upstream cannot have seen the request, so that it is safe for any method.
          retryPolicy: { retryOn: 'connect-failure,refused-stream,reset-before-request', numRetries: 2 },
        },
      },
    ],
  };
}
