import type { HostPort } from '../lib/address.ts';
import type { Service } from '../model/service.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import { cluster, hasEndpointDiscovery } from './cluster.ts';
import type { Flavour } from './config-source.ts';
import { loadAssignment } from './endpoints.ts';
import { apiListener, grpcClusters, grpcLoadAssignment, grpcRoutes } from './grpc.ts';
import { httpListener } from './listener.ts';
import { joinRouteConfiguration, onDemandRouteConfiguration, routeConfiguration } from './route-configuration.ts';
import { onDemandVirtualHost, virtualHost } from './virtual-host.ts';

/** What one service becomes, encoded. */
export interface TranslatedService {
  readonly cluster: Buffer;
  /** Undefined where the cluster carries its endpoints itself. */
  readonly endpoints: Buffer | undefined;
  readonly virtualHost: Buffer;
}

/** What one service becomes for gRPC clients, encoded. */
export interface GrpcService {
  /** The service's own cluster first. */
  readonly clusters: readonly { readonly name: string; readonly cluster: Buffer }[];
  /** Undefined where no endpoint is an address. */
  readonly endpoints: Buffer | undefined;
  readonly routes: Buffer;
}

/** From the vocabulary to encoded Envoy messages. Pure: the same input gives the same bytes. */
export interface Translator {
  service(service: Service, flavour: Flavour): TranslatedService;
  /** @param onDemand requests wait for what Envoy has to ask for first */
  listener(address: HostPort, flavour: Flavour, onDemand?: boolean): Buffer;
  /** @param virtualHosts encoded, in their final order */
  routes(virtualHosts: Iterable<Uint8Array>): Buffer;
  grpcService(service: Service): GrpcService;
  /** @param since when the service came to be; any text that tells it from one of the same id before */
  grpcListener(name: string, service: Service, since: string): Buffer;
  /** Where virtual hosts are asked for one by one. @param source the stream on which */
  onDemandRoutes(source: Flavour): Buffer;
  onDemandVirtualHost(service: Service): Buffer;
}

export function createTranslator(api: EnvoyApi): Translator {
  const head = api.encode('envoy.config.route.v3.RouteConfiguration', routeConfiguration());
  return {
    service: (service, flavour) => ({
      cluster: api.encode('envoy.config.cluster.v3.Cluster', cluster(service, flavour)),
      endpoints: hasEndpointDiscovery(service) ? api.encode('envoy.config.endpoint.v3.ClusterLoadAssignment', loadAssignment(service)) : undefined,
      virtualHost: api.encode(
        'envoy.config.route.v3.VirtualHost',
        virtualHost(service.host ?? service.id, [], service, () => undefined),
      ),
    }),
    listener: (address, flavour, onDemand) => api.encode('envoy.config.listener.v3.Listener', httpListener(address, flavour, onDemand)),
    routes: (virtualHosts) => joinRouteConfiguration(head, virtualHosts),
    grpcService: (service) => {
      const endpoints = grpcLoadAssignment(service);
      return {
        clusters: grpcClusters(service).map(({ name, cluster }) => ({ name, cluster: api.encode('envoy.config.cluster.v3.Cluster', cluster) })),
        endpoints: endpoints === undefined ? undefined : api.encode('envoy.config.endpoint.v3.ClusterLoadAssignment', endpoints),
        routes: api.encode('envoy.config.route.v3.RouteConfiguration', grpcRoutes(service)),
      };
    },
    grpcListener: (name, service, since) => api.encode('envoy.config.listener.v3.Listener', apiListener(name, service, since)),
    onDemandRoutes: (source) => api.encode('envoy.config.route.v3.RouteConfiguration', onDemandRouteConfiguration(source)),
    onDemandVirtualHost: (service) =>
      api.encode(
        'envoy.config.route.v3.VirtualHost',
        onDemandVirtualHost(service.host ?? service.id, [], service, () => undefined),
      ),
  };
}
