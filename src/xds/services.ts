import type { Variant } from './stream.ts';
import { CLUSTER, ENDPOINTS, EXTENSION, LISTENER, ROUTES, RUNTIME, SCOPED_ROUTES, SECRET, type TypeUrl, VIRTUAL_HOST } from './types.ts';

/** One streaming method of a discovery service. */
export interface Method {
  readonly service: string;
  readonly name: string;
  readonly variant: Variant;
  /** Undefined for ADS, which speaks all types. */
  readonly onlyType: TypeUrl | undefined;
}

function both(service: string, noun: string, onlyType: TypeUrl | undefined): Method[] {
  return [
    { service, name: `Stream${noun}`, variant: 'sotw', onlyType },
    { service, name: `Delta${noun}`, variant: 'delta', onlyType },
  ];
}

/** ADS, and one service for each type (envoy/service, the `*ds.proto` files). */
export const METHODS: readonly Method[] = [
  ...both('envoy.service.discovery.v3.AggregatedDiscoveryService', 'AggregatedResources', undefined),
  ...both('envoy.service.cluster.v3.ClusterDiscoveryService', 'Clusters', CLUSTER),
  ...both('envoy.service.endpoint.v3.EndpointDiscoveryService', 'Endpoints', ENDPOINTS),
  ...both('envoy.service.listener.v3.ListenerDiscoveryService', 'Listeners', LISTENER),
  ...both('envoy.service.route.v3.RouteDiscoveryService', 'Routes', ROUTES),
  ...both('envoy.service.secret.v3.SecretDiscoveryService', 'Secrets', SECRET),
  ...both('envoy.service.extension.v3.ExtensionConfigDiscoveryService', 'ExtensionConfigs', EXTENSION),
  ...both('envoy.service.route.v3.ScopedRoutesDiscoveryService', 'ScopedRoutes', SCOPED_ROUTES),
  ...both('envoy.service.runtime.v3.RuntimeDiscoveryService', 'Runtime', RUNTIME),
  // Incremental alone: what a client lacks it could not say in the other variant.
  { service: 'envoy.service.route.v3.VirtualHostDiscoveryService', name: 'DeltaVirtualHosts', variant: 'delta', onlyType: VIRTUAL_HOST },
];
