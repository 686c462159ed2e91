import { type Endpoint, endpointAddress } from '../model/endpoint.ts';
import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';
import { tiers, wordsOf, zones } from './endpoint-tiers.ts';
import { serviceName } from './names.ts';

/** config.endpoint.v3.ClusterLoadAssignment */
export function loadAssignment(service: Service): JsonObject {
  const localities = tiers(service).flatMap((tier, priority) =>
    zones(tier).map(([zone, endpoints]) => ({
      ...(zone === undefined ? {} : { locality: { zone } }),
      lbEndpoints: endpoints.map(lbEndpoint),
      ...(priority === 0 ? {} : { priority }),
    })),
  );
  return { clusterName: serviceName(service), ...(localities.length === 0 ? {} : { endpoints: localities }) };
}

/** config.core.v3.HealthStatus; those that are disabled do not come here. */
const HEALTH = { unhealthy: { healthStatus: 'UNHEALTHY' }, draining: { healthStatus: 'DRAINING' }, disabled: {} } as const;

function lbEndpoint(endpoint: string | Endpoint): JsonObject {
  const { weight, state } = wordsOf(endpoint);
  return {
    endpoint: { address: socketAddress(endpoint) },
    ...(state === undefined ? {} : HEALTH[state]),
    ...(weight === undefined ? {} : { loadBalancingWeight: weight }),
  };
}

/** config.core.v3.Address */
export function socketAddress(endpoint: string | Endpoint): JsonObject {
  const { host, port } = endpointAddress(endpoint);
  return { socketAddress: { address: host, portValue: port } };
}
