import { endpointAddress } from '../model/endpoint.ts';
import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';
import { serviceName } from './names.ts';

/** config.endpoint.v3.ClusterLoadAssignment */
export function loadAssignment(service: Service): JsonObject {
  const lbEndpoints = service.endpoints.map((endpoint) => {
    const { host, port } = endpointAddress(endpoint);
    return { endpoint: { address: { socketAddress: { address: host, portValue: port } } } };
  });
  return { clusterName: serviceName(service), endpoints: [{ lbEndpoints }] };
}
