import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';

/** The field of a cluster with its config.cluster.v3.CircuitBreakers; nothing where Envoy's own limits will do. */
export function circuitBreakers({ limits }: Service): JsonObject {
  if (limits === undefined) return {};
  const { connections, pendingRequests, requests, retries } = limits;
  const threshold = {
    ...(connections === undefined ? {} : { maxConnections: connections }),
    ...(pendingRequests === undefined ? {} : { maxPendingRequests: pendingRequests }),
    ...(requests === undefined ? {} : { maxRequests: requests }),
    ...(retries === undefined ? {} : { maxRetries: retries }),
  };
  return { circuitBreakers: { thresholds: [threshold] } };
}
