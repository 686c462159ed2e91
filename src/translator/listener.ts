import type { HostPort } from '../lib/address.ts';
import type { JsonObject } from '../proto/json.ts';
import { TYPE_URL_PREFIX } from '../proto/json.ts';
import { configSource, type Flavour } from './config-source.ts';
import { HTTP } from './names.ts';

/** config.listener.v3.Listener */
export function httpListener(address: HostPort, flavour: Flavour, onDemand = false): JsonObject {
  return {
    name: HTTP,
    address: { socketAddress: { address: address.host, portValue: address.port } },
    filterChains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: connectionManager(flavour, onDemand) }] }],
  };
}

/** extensions.filters.network.http_connection_manager.v3.HttpConnectionManager; routes by RDS, so that no change of theirs touches the listener. */
function connectionManager(flavour: Flavour, onDemand: boolean): JsonObject {
  return {
    '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    statPrefix: HTTP,
    rds: { routeConfigName: HTTP, configSource: configSource(flavour) },
    // As at the edge: the peer is the client, and what it says of itself is not believed ("Configuring Envoy as an edge proxy").
    useRemoteAddress: true,
    normalizePath: true,
    // A name with a dot at its end is the same name, and a service's host is said without it.
    stripTrailingHostDot: true,
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    httpFilters: [
      ...(onDemand ? [onDemandFilter(flavour)] : []),
      { name: 'envoy.filters.http.router', typedConfig: { '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.router.v3.Router` } },
    ],
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
