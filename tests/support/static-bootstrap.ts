import type { Json, JsonObject } from '../../src/proto/json.ts';
import { TYPE_URL_PREFIX } from '../../src/proto/json.ts';
import type { Resources } from './translation.ts';

const MANAGER = `${TYPE_URL_PREFIX}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;

/**
 * A bootstrap that holds the resources themselves instead of a way to ask for them, so that `envoy --mode validate` judges
 * all of them at once: routes stand in their listener, endpoints in their cluster.
 */
export function staticBootstrap({ listeners, routes, clusters, endpoints }: Resources): JsonObject {
  const withRoutes = (value: Json): Json => {
    if (isList(value)) return value.map(withRoutes);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, withRoutes(item)] as const);
    if (value['@type'] !== MANAGER) return Object.fromEntries(entries);
    const { routeConfigName } = value['rds'] as JsonObject;
    return { ...Object.fromEntries(entries.filter(([key]) => key !== 'rds')), routeConfig: named(routes, 'name', routeConfigName) };
  };
  const withEndpoints = (cluster: JsonObject): JsonObject => {
    if (cluster['type'] !== 'EDS') return cluster;
    const { edsClusterConfig: _, ...rest } = cluster;
    return { ...rest, type: 'STATIC', loadAssignment: named(endpoints, 'clusterName', cluster['name']) };
  };
  return { staticResources: { listeners: listeners.map(withRoutes), clusters: clusters.map(withEndpoints) } };
}

function named(all: readonly JsonObject[], key: string, name: Json | undefined): JsonObject {
  const found = all.find((each) => each[key] === name);
  if (found === undefined) throw new Error(`there is no ${key} ${JSON.stringify(name)}`);
  return found;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
