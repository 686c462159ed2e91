import type { JsonObject } from '../proto/json.ts';
import { TYPE_URL_PREFIX } from '../proto/json.ts';
import { configSource, type Flavour } from './config-source.ts';

/** Where a connection manager has its routes from: a table that is asked for by name, or one answer to everything. */
export type Routes = { readonly table: string; readonly flavour: Flavour; readonly onDemand: boolean } | { readonly redirectTo: number | undefined };

/**
 * A filter with an extensions.filters.network.http_connection_manager.v3.HttpConnectionManager. Routes come by RDS, so that
 * no change of theirs touches the listener.
 * @param statPrefix of its statistics, `http.<statPrefix>.`
 */
export function connectionManager(statPrefix: string, routes: Routes): JsonObject {
  const router = { name: 'envoy.filters.http.router', typedConfig: { '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.router.v3.Router` } };
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typedConfig: {
      '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      statPrefix,
      ...('table' in routes ? { rds: { routeConfigName: routes.table, configSource: configSource(routes.flavour) } } : redirection(routes.redirectTo)),
      // As at the edge: the peer is the client, and what it says of itself is not believed ("Configuring Envoy as an edge proxy").
      useRemoteAddress: true,
      normalizePath: true,
      // A name with a dot at its end is the same name, and a service's host is said without it.
      stripTrailingHostDot: true,
      ...('table' in routes ? { upgradeConfigs: [{ upgradeType: 'websocket' }] } : {}),
      httpFilters: 'table' in routes && routes.onDemand ? [onDemandFilter(routes.flavour), router] : [router],
    },
  };
}

/**
 * Everything is sent to https. The port of the Host header is that of this listener, so it goes; what takes its place is 443,
 * which URLs leave out, or `port`.
 */
function redirection(port: number | undefined): JsonObject {
  const redirect = { httpsRedirect: true, ...(port === undefined ? {} : { portRedirect: port }) };
  return {
    routeConfig: { name: 'redirect', virtualHosts: [{ name: 'redirect', domains: ['*'], routes: [{ match: { prefix: '/' }, redirect }] }] },
    stripAnyHostPort: true,
  };
}

/** extensions.filters.http.on_demand.v3.OnDemand: has a request wait until its virtual host and its cluster are there. */
function onDemandFilter(flavour: Flavour): JsonObject {
  return {
    name: 'envoy.filters.http.on_demand',
    typedConfig: {
      '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.on_demand.v3.OnDemand`,
      odcds: { source: configSource(flavour) },
    },
  };
}
