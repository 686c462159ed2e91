import { addressOf, type Endpoint, isAddress } from '../model/endpoint.ts';
import type { Service } from '../model/service.ts';
import { type JsonObject, TYPE_URL_PREFIX } from '../proto/json.ts';
import { configSource } from './config-source.ts';
import { tiers, wordsOf, zones } from './endpoint-tiers.ts';
import { socketAddress } from './endpoints.ts';
import { HTTP, partName, serviceName } from './names.ts';

/**
 * What gRPC clients without a proxy are sent (gRFC A27 and those after it). They take a part of Envoy's API, and refuse
 * what they do not know: a listener is one of the API, endpoints have a locality and a weight, names are resolved by
 * clusters of one name each.
 */

/** One cluster, and what it is called. */
export interface GrpcCluster {
  readonly name: string;
  readonly cluster: JsonObject;
}

/**
 * config.listener.v3.Listener. Its routes come by RDS, as with the control planes that gRPC is mostly used with: grpc-js does
 * not let go of the clusters of a table inside a listener when the listener goes (1.14.1, `handleListenerDoesNotExist`).
 * @param name what the client calls it: the target of its channel
 * @param since when the service came to be; it stands where gRPC does not read. grpc-js keeps a listener that is taken away,
 *   and takes no notice of one that comes back the same (1.14.1, `resourcesEqual`), so that a service that was removed and
 *   added again would stay lost to it.
 */
export function apiListener(name: string, service: Service, since: string): JsonObject {
  const manager = {
    '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    statPrefix: since || HTTP,
    rds: { routeConfigName: serviceName(service), configSource: configSource('ads') },
    httpFilters: [{ name: 'envoy.filters.http.router', typedConfig: { '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.router.v3.Router` } }],
  };
  return { name, apiListener: { apiListener: manager } };
}

/**
 * config.route.v3.RouteConfiguration of one service. Whoever has its listener means this service, whatever port or authority
 * the channel names. gRPC has no time limit unless it is told one, and repeats by itself what no backend has seen (gRFC A6,
 * "Transparent Retries").
 */
export function grpcRoutes(service: Service): JsonObject {
  const name = serviceName(service);
  return { name, virtualHosts: [{ name, domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: name } }] }] };
}

/**
 * config.cluster.v3.Cluster, the service's own first. Addresses come by EDS. gRPC resolves a name by a LOGICAL_DNS cluster,
 * which holds exactly one (gRFC A37); several are an aggregate of such clusters, of which the first that can be reached is
 * used, addresses together before names. Without endpoints it is a cluster whose endpoints are still to come.
 */
export function grpcClusters(service: Service): GrpcCluster[] {
  const own = serviceName(service);
  const all = endpointsFor(service);
  const names = all.filter((endpoint) => !isAddress(endpoint)).map(addressOf);
  const limits = limitsOf(service);
  const made = (name: string, rest: JsonObject): GrpcCluster => ({ name, cluster: { name, ...rest } });
  const [only] = names;
  if (only === undefined) return [made(own, { ...discovered(), ...limits })];
  if (all.length === 1) return [made(own, { ...resolved(own, only), ...limits })];
  const parts = names.map((endpoint) => made(partName(service, endpoint), { ...resolved(partName(service, endpoint), endpoint), ...limits }));
  if (names.length < all.length) parts.unshift(made(partName(service, 'addresses'), { ...discovered(own), ...limits }));
  const clusters = parts.map(({ name }) => name);
  const typedConfig = { '@type': `${TYPE_URL_PREFIX}envoy.extensions.clusters.aggregate.v3.ClusterConfig`, clusters };
  return [made(own, { clusterType: { name: 'envoy.clusters.aggregate', typedConfig } }), ...parts];
}

/** config.endpoint.v3.ClusterLoadAssignment of the endpoints that are addresses; undefined where names alone are left. */
export function grpcLoadAssignment(service: Service): JsonObject | undefined {
  const all = endpointsFor(service);
  const addresses = all.filter(isAddress);
  if (addresses.length === 0 && all.length > 0) return undefined;
  const endpoints = tiers({ endpoints: addresses }).flatMap(localities);
  return { clusterName: serviceName(service), ...(endpoints.length === 0 ? {} : { endpoints }) };
}

/** Those that may take calls. gRPC passes over those that drain, as it should; where there are no others it is to use them. */
function endpointsFor(service: Service): readonly (string | Endpoint)[] {
  const there = tiers(service).flat();
  const taking = there.filter((endpoint) => wordsOf(endpoint).state === undefined);
  return taking.length > 0 ? taking : there.map(addressOf);
}

/**
 * config.endpoint.v3.LocalityLbEndpoints of endpoints of one priority. gRPC shares calls by the weights of localities, and
 * passes over those of endpoints (gRFC A27): endpoints of one weight are a locality.
 */
function localities(tier: readonly (string | Endpoint)[], priority: number): JsonObject[] {
  const parts = zones(tier).flatMap(([zone, endpoints]) =>
    [...Map.groupBy(endpoints, (endpoint) => wordsOf(endpoint).weight ?? 1)].map(([weight, some]) => ({ zone, weight, some })),
  );
  return parts.map(({ zone, weight, some }) => ({
    locality: { ...(zone === undefined ? {} : { zone }), ...(weight === 1 ? {} : { subZone: `weight-${weight}` }) },
    loadBalancingWeight: parts.length === 1 ? 1 : weight * some.length,
    lbEndpoints: some.map(lbEndpoint),
    ...(priority === 0 ? {} : { priority }),
  }));
}

/** Of the limits gRPC knows that of requests (gRFC A32). */
function limitsOf({ limits }: Service): JsonObject {
  return limits?.requests === undefined ? {} : { circuitBreakers: { thresholds: [{ maxRequests: limits.requests }] } };
}

/** @param assignment the name of the endpoints, where it is not the cluster's */
function discovered(assignment?: string): JsonObject {
  const edsConfig = configSource('ads');
  return { type: 'EDS', edsClusterConfig: assignment === undefined ? { edsConfig } : { edsConfig, serviceName: assignment } };
}

function resolved(name: string, endpoint: string): JsonObject {
  return { type: 'LOGICAL_DNS', loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [lbEndpoint(endpoint)] }] } };
}

function lbEndpoint(endpoint: string | Endpoint): JsonObject {
  return { endpoint: { address: socketAddress(endpoint) } };
}
