import type { Listener } from '../model/listener.ts';
import type { Raw } from '../model/raw.ts';
import type { Service } from '../model/service.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import { cluster, hasEndpointDiscovery } from './cluster.ts';
import type { Flavour } from './config-source.ts';
import { loadAssignment } from './endpoints.ts';
import { apiListener, grpcClusters, grpcLoadAssignment, grpcRoutes } from './grpc.ts';
import { type CertificateNames, listener } from './listener.ts';
import { type RawResource, raw } from './raw.ts';
import { joinRouteConfiguration, onDemandRouteConfiguration, routeConfiguration } from './route-configuration.ts';
import { type KeyPair, secret } from './secret.ts';
import { type HostContent, onDemandVirtualHost, virtualHost } from './virtual-host.ts';

/** What one service becomes, encoded. */
export interface TranslatedService {
  readonly cluster: Buffer;
  /** Undefined where the cluster carries its endpoints itself. */
  readonly endpoints: Buffer | undefined;
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
  /**
   * @param certificates those that it names and the Envoy has, in its order
   * @param onDemand requests wait for what Envoy has to ask for first
   */
  listener(listener: Listener, certificates: readonly CertificateNames[], flavour: Flavour, onDemand: boolean): Buffer;
  secret(pair: KeyPair): Buffer;
  raw(wish: Raw): RawResource;
  virtualHost(host: string, content: HostContent): Buffer;
  /** A route table. @param virtualHosts encoded, in their final order */
  routes(name: string, virtualHosts: Iterable<Uint8Array>): Buffer;
  grpcService(service: Service): GrpcService;
  /** @param since when the service came to be; any text that tells it from one of the same id before */
  grpcListener(name: string, service: Service, since: string): Buffer;
  /** Where virtual hosts are asked for one by one. @param source the stream on which */
  onDemandRoutes(name: string, source: Flavour): Buffer;
  onDemandVirtualHost(table: string, host: string, content: HostContent): Buffer;
}

export function createTranslator(api: EnvoyApi): Translator {
  const head = (name: string): Buffer => api.encode('envoy.config.route.v3.RouteConfiguration', routeConfiguration(name));
  return {
    service: (service, flavour) => ({
      cluster: api.encode('envoy.config.cluster.v3.Cluster', cluster(service, flavour)),
      endpoints: hasEndpointDiscovery(service) ? api.encode('envoy.config.endpoint.v3.ClusterLoadAssignment', loadAssignment(service)) : undefined,
    }),
    listener: (wish, certificates, flavour, onDemand) => api.encode('envoy.config.listener.v3.Listener', listener(wish, certificates, flavour, onDemand)),
    secret: (pair) => api.encode('envoy.extensions.transport_sockets.tls.v3.Secret', secret(pair)),
    raw: (wish) => raw(wish, api),
    virtualHost: (host, content) => api.encode('envoy.config.route.v3.VirtualHost', virtualHost(host, content)),
    routes: (name, virtualHosts) => joinRouteConfiguration(head(name), virtualHosts),
    grpcService: (service) => {
      const endpoints = grpcLoadAssignment(service);
      return {
        clusters: grpcClusters(service).map(({ name, cluster }) => ({ name, cluster: api.encode('envoy.config.cluster.v3.Cluster', cluster) })),
        endpoints: endpoints === undefined ? undefined : api.encode('envoy.config.endpoint.v3.ClusterLoadAssignment', endpoints),
        routes: api.encode('envoy.config.route.v3.RouteConfiguration', grpcRoutes(service)),
      };
    },
    grpcListener: (name, service, since) => api.encode('envoy.config.listener.v3.Listener', apiListener(name, service, since)),
    onDemandRoutes: (name, source) => api.encode('envoy.config.route.v3.RouteConfiguration', onDemandRouteConfiguration(name, source)),
    onDemandVirtualHost: (table, host, content) => api.encode('envoy.config.route.v3.VirtualHost', onDemandVirtualHost(table, host, content)),
  };
}
