import { isAddress } from '../model/endpoint.ts';
import { TIMEOUT_DEFAULTS } from '../model/limits.ts';
import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';
import { balancing } from './balancing.ts';
import { circuitBreakers } from './circuit-breakers.ts';
import { configSource, type Flavour } from './config-source.ts';
import { loadAssignment } from './endpoints.ts';
import { healthChecks } from './health-checks.ts';
import { serviceName } from './names.ts';
import { upstreamProtocol } from './upstream-protocol.ts';
import { upstreamTls } from './upstream-tls.ts';

/** True where the endpoints come by EDS: all are addresses, so that no name has to be resolved. */
export function hasEndpointDiscovery(service: Service): boolean {
  return service.endpoints.every(isAddress);
}

/** config.cluster.v3.Cluster */
export function cluster(service: Service, flavour: Flavour): JsonObject {
  const common = { name: serviceName(service), connectTimeout: service.timeouts?.connect ?? TIMEOUT_DEFAULTS.connect, ...wordsOf(service, flavour) };
  if (!hasEndpointDiscovery(service)) {
    // IPv4 first: what listens on all addresses of a host nearly always does so with IPv4, and not always with IPv6.
    return { ...common, type: 'STRICT_DNS', dnsLookupFamily: 'V4_PREFERRED', loadAssignment: loadAssignment(service) };
  }
  // Without ADS every cluster's endpoints would take a stream of their own.
  if (flavour === 'separate') return { ...common, type: 'STATIC', loadAssignment: loadAssignment(service) };
  return { ...common, type: 'EDS', edsClusterConfig: { edsConfig: configSource(flavour) } };
}

/** All that holds however the endpoints are found. */
function wordsOf(service: Service, flavour: Flavour): JsonObject {
  const transportSocket = upstreamTls(service, flavour);
  return {
    ...upstreamProtocol(service),
    ...(transportSocket === undefined ? {} : { transportSocket }),
    ...balancing(service),
    ...healthChecks(service),
    ...circuitBreakers(service),
  };
}
