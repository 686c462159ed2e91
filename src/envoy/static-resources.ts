import { type Json, type JsonObject, TYPE_URL_PREFIX } from '../proto/json.ts';
import { XDS_CLUSTER } from './bootstrap.ts';

/** A resource as an Envoy is sent it. */
export interface NamedResource {
  readonly name: string;
  /** Canonical JSON. */
  readonly resource: JsonObject;
}

/** All that one Envoy is sent, by type URL. */
export type Resources = ReadonlyMap<string, readonly NamedResource[]>;

const url = (message: string): string => TYPE_URL_PREFIX + message;

const TYPES = {
  listener: url('envoy.config.listener.v3.Listener'),
  routes: url('envoy.config.route.v3.RouteConfiguration'),
  host: url('envoy.config.route.v3.VirtualHost'),
  cluster: url('envoy.config.cluster.v3.Cluster'),
  endpoints: url('envoy.config.endpoint.v3.ClusterLoadAssignment'),
  secret: url('envoy.extensions.transport_sockets.tls.v3.Secret'),
  extension: url('envoy.config.core.v3.TypedExtensionConfig'),
  runtime: url('envoy.service.runtime.v3.Runtime'),
} as const;

const MANAGER = url('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager');
const ROUTER = url('envoy.extensions.filters.http.router.v3.Router');

const HTTP2 = {
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
    '@type': url('envoy.extensions.upstreams.http.v3.HttpProtocolOptions'),
    explicitHttpConfig: { http2ProtocolOptions: {} },
  },
};

/**
 * A bootstrap that holds the resources themselves instead of a way to ask for them, so that `envoy --mode validate` judges all
 * of them at once: routes stand in their listener, endpoints in their cluster. What nothing leads to is given a listener or a
 * cluster of its own, since it is sent all the same. Where to ask for what is not there is known, so that asking is no fault.
 */
export function staticBootstrap(resources: Resources): JsonObject {
  const found = new Finder(resources);
  const listeners = found.all(TYPES.listener).map(({ resource }) => inlined(resource, found));
  const clusters = found.all(TYPES.cluster).map(({ resource }) => withEndpoints(resource, found));
  const loose = [
    ...found.unused(TYPES.routes).map(({ name, resource }) => listenerFor(name, resource)),
    ...found.all(TYPES.host).map(({ name, resource }) => listenerFor(name, { name, virtualHosts: [resource] })),
  ];
  const layers = found.all(TYPES.runtime).map(({ name, resource }) => ({ name, staticLayer: resource['layer'] ?? {} }));
  return {
    node: { id: 'validate', cluster: 'validate' },
    dynamicResources: { adsConfig: { apiType: 'DELTA_GRPC', transportApiVersion: 'V3', grpcServices: [{ envoyGrpc: { clusterName: XDS_CLUSTER } }] } },
    staticResources: {
      listeners: [...listeners, ...loose.map((listener) => inlined(listener, found))],
      clusters: [
        ...clusters.map((cluster) => inlined(cluster, found)),
        ...found.unused(TYPES.endpoints).map(({ name, resource }) => ({ name: `endpoints ${name}`, type: 'STATIC', loadAssignment: resource })),
        { name: XDS_CLUSTER, type: 'STATIC', typedExtensionProtocolOptions: HTTP2 },
      ],
      secrets: found.all(TYPES.secret).map(({ resource }) => resource),
    },
    ...(layers.length === 0 ? {} : { layeredRuntime: { layers } }),
  };
}

/** The resources by name, and which of them something led to. */
class Finder {
  readonly #resources: Resources;
  readonly #used = new Set<JsonObject>();

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  all(type: string): readonly NamedResource[] {
    return this.#resources.get(type) ?? [];
  }

  take(type: string, name: Json | undefined): JsonObject | undefined {
    const found = this.all(type).find((each) => each.name === name)?.resource;
    if (found !== undefined) this.#used.add(found);
    return found;
  }

  unused(type: string): readonly NamedResource[] {
    return this.all(type).filter(({ resource }) => !this.#used.has(resource));
  }
}

/** The same with what it asks for by name in it, however deep. */
function inlined<T extends Json>(value: T, found: Finder): T;
function inlined(value: Json, found: Finder): Json {
  if (isList(value)) return value.map((each) => inlined(each, found));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]): [string, Json] => [key, inlined(each, found)]);
  return withFilter(withSecret(withRoutes(Object.fromEntries(entries), found), found), found);
}

/** HttpConnectionManager.rds */
function withRoutes(value: JsonObject, found: Finder): JsonObject {
  if (value['@type'] !== MANAGER) return value;
  const { rds, ...rest } = value;
  const routes = found.take(TYPES.routes, (rds as JsonObject | undefined)?.['routeConfigName']);
  return routes === undefined ? value : { ...rest, routeConfig: routes };
}

/** SdsSecretConfig: without a place to ask, the name is that of a static secret. */
function withSecret(value: JsonObject, found: Finder): JsonObject {
  const { sdsConfig, ...rest } = value;
  return sdsConfig === undefined || found.take(TYPES.secret, value['name']) === undefined ? value : rest;
}

/** HttpFilter.config_discovery and its like */
function withFilter(value: JsonObject, found: Finder): JsonObject {
  const { configDiscovery, ...rest } = value;
  const filter = configDiscovery === undefined ? undefined : found.take(TYPES.extension, value['name']);
  return filter?.['typedConfig'] === undefined ? value : { ...rest, typedConfig: filter['typedConfig'] };
}

function withEndpoints(cluster: JsonObject, found: Finder): JsonObject {
  const { edsClusterConfig, ...rest } = cluster;
  if (cluster['type'] !== 'EDS' || edsClusterConfig === undefined) return cluster;
  const endpoints = found.take(TYPES.endpoints, (edsClusterConfig as JsonObject)['serviceName'] || cluster['name']);
  return endpoints === undefined ? cluster : { ...rest, type: 'STATIC', loadAssignment: endpoints };
}

/** One that is there for its routes alone. */
function listenerFor(name: string, routeConfig: JsonObject): JsonObject {
  const router = { name: 'router', typedConfig: { '@type': ROUTER } };
  const manager = { '@type': MANAGER, statPrefix: 'routes', routeConfig, httpFilters: [router] };
  return {
    name: `routes ${name}`,
    address: { socketAddress: { address: '127.0.0.1', portValue: 0 } },
    filterChains: [{ filters: [{ name: 'manager', typedConfig: manager }] }],
  };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
