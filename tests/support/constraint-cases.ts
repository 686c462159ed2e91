import type { Json, JsonObject } from '../../src/proto/json.ts';
import { TYPE_URL_PREFIX } from '../../src/proto/json.ts';

/** A resource that breaks one constraint of Envoy's API, where it does, and the words that Envoy has for it. */
export interface ConstraintCase {
  readonly title: string;
  readonly type: string;
  readonly resource: JsonObject;
  /** As `pathText` has it. */
  readonly path: string;
  readonly message: string;
  /** Envoy's own words where they differ: it names a oneof, and has no names of its members. */
  readonly envoy?: string;
}

const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const LISTENER = 'envoy.config.listener.v3.Listener';
const SOCKET: JsonObject = { socketAddress: { address: '127.0.0.1', portValue: 10000 } };
const ROUTER: JsonObject = { name: 'router', typedConfig: any('envoy.extensions.filters.http.router.v3.Router') };

function any(type: string, message: JsonObject = {}): JsonObject {
  return { '@type': TYPE_URL_PREFIX + type, ...message };
}

function cluster(more: JsonObject): JsonObject {
  return { name: 'a', ...more };
}

const CHECK: JsonObject = { timeout: '1s', interval: '1s', unhealthyThreshold: 1, healthyThreshold: 1, httpHealthCheck: { path: '/' } };

function check(more: JsonObject): JsonObject {
  return cluster({ healthChecks: [{ ...CHECK, ...more }] });
}

function listener(more: JsonObject): JsonObject {
  return { name: 'a', address: SOCKET, filterChains: [{}], ...more };
}

function manager(more: JsonObject): JsonObject {
  const typedConfig = any('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    statPrefix: 'a',
    routeConfig: { virtualHosts: [] },
    httpFilters: [ROUTER],
    ...more,
  });
  return listener({ filterChains: [{ filters: [{ name: 'manager', typedConfig }] }] });
}

const MANAGER = 'filterChains[0].filters[0].typedConfig';

function host(more: JsonObject): JsonObject {
  return manager({ routeConfig: { virtualHosts: [{ name: 'a', domains: ['*'], ...more }] } });
}

const HOST = `${MANAGER}.routeConfig.virtualHosts[0]`;

function route(more: JsonObject): JsonObject {
  return host({ routes: [{ match: { prefix: '/' }, directResponse: { status: 200 }, ...more }] });
}

const ROUTE = `${HOST}.routes[0]`;

function action(more: JsonObject): JsonObject {
  return host({ routes: [{ match: { prefix: '/' }, route: { cluster: 'a', ...more } }] });
}

function filter(name: string, typedConfig: JsonObject): JsonObject {
  return manager({ httpFilters: [{ name, typedConfig }, ROUTER] });
}

const FILTER = `${MANAGER}.httpFilters[0].typedConfig`;
const REQUIRED = 'value is required';
const LOOSE = 'value does not match regex pattern "^[^\\x00\\n\\r]*$"';
const atLeast = (n: number, unit = 'characters'): string => `value length must be at least ${n} ${unit}`;

function of(type: string): (title: string, resource: JsonObject, path: string, message: string, envoy?: string) => ConstraintCase {
  return (title, resource, path, message, envoy) => ({ title, type, resource, path, message, ...(envoy === undefined ? {} : { envoy }) });
}

const onCluster = of(CLUSTER);
const onListener = of(LISTENER);
const endpoints = (...list: Json[]): JsonObject => cluster({ loadAssignment: { clusterName: 'a', endpoints: list } });

export const CONSTRAINT_CASES: readonly ConstraintCase[] = [
  onCluster('a cluster without a name', {}, 'name', atLeast(1)),
  onCluster('a duration that is not positive', cluster({ connectTimeout: '0s' }), 'connectTimeout', 'value must be greater than 0s'),
  onCluster('an enum of no known number', cluster({ lbPolicy: 77 }), 'lbPolicy', 'value must be one of the defined enum values'),
  onCluster('a discovery type of no known number', cluster({ type: 50 }), 'type', 'value must be one of the defined enum values'),
  onCluster('a DNS refresh below a millisecond', cluster({ dnsRefreshRate: '0.000001s' }), 'dnsRefreshRate', 'value must be greater than 1ms'),
  onCluster('a required message', check({ timeout: null }), 'healthChecks[0].timeout', REQUIRED),
  onCluster('a required wrapper', check({ healthyThreshold: null }), 'healthChecks[0].healthyThreshold', REQUIRED),
  onCluster('a required duration that is not positive', check({ interval: '0s' }), 'healthChecks[0].interval', 'value must be greater than 0s'),
  onCluster('a duration that is too short', check({ noTrafficInterval: '0s' }), 'healthChecks[0].noTrafficInterval', 'value must be greater than 0s'),
  onCluster(
    'nothing of a oneof',
    check({ httpHealthCheck: null }),
    'healthChecks[0]',
    'one of httpHealthCheck, tcpHealthCheck, grpcHealthCheck, customHealthCheck is required',
    'field: "health_checker", reason: is required',
  ),
  onCluster('a path without text', check({ httpHealthCheck: {} }), 'healthChecks[0].httpHealthCheck.path', atLeast(1)),
  onCluster(
    'a path with a line break',
    check({ httpHealthCheck: { path: '/\n' } }),
    'healthChecks[0].httpHealthCheck.path',
    'value does not match regex pattern "^[^\\x00-\\b\\n-\\x1f\\x7f]*$"',
  ),
  onCluster(
    'a method that health checks cannot have',
    check({ httpHealthCheck: { path: '/', method: 'CONNECT' } }),
    'healthChecks[0].httpHealthCheck.method',
    'value must not be in list [CONNECT]',
  ),
  onCluster(
    'a percentage over 100',
    cluster({ outlierDetection: { maxEjectionPercent: 101 } }),
    'outlierDetection.maxEjectionPercent',
    'value must be less than or equal to 100',
  ),
  onCluster(
    'a double over 100',
    cluster({ commonLbConfig: { healthyPanicThreshold: { value: 100.5 } } }),
    'commonLbConfig.healthyPanicThreshold.value',
    'value must be inside range [0, 100]',
  ),
  onCluster(
    'a ring that is too large',
    cluster({ lbPolicy: 'RING_HASH', ringHashLbConfig: { maximumRingSize: '8388609' } }),
    'ringHashLbConfig.maximumRingSize',
    'value must be less than or equal to 8388608',
  ),
  onCluster(
    'a table that is too large',
    cluster({ lbPolicy: 'MAGLEV', maglevLbConfig: { tableSize: '5000012' } }),
    'maglevLbConfig.tableSize',
    'value must be less than or equal to 5000011',
  ),
  onCluster(
    'a choice among less than two',
    cluster({ lbPolicy: 'LEAST_REQUEST', leastRequestLbConfig: { choiceCount: 1 } }),
    'leastRequestLbConfig.choiceCount',
    'value must be greater than or equal to 2',
  ),
  onCluster(
    'a port over 65535',
    endpoints({ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: 'a', portValue: 65536 } } } }] }),
    'loadAssignment.endpoints[0].lbEndpoints[0].endpoint.address.socketAddress.portValue',
    'value must be less than or equal to 65535',
  ),
  onCluster(
    'no port',
    endpoints({ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: 'a' } } } }] }),
    'loadAssignment.endpoints[0].lbEndpoints[0].endpoint.address.socketAddress',
    'one of portValue, namedPort is required',
    'field: "port_specifier", reason: is required',
  ),
  onCluster(
    'a weight of zero',
    endpoints({ lbEndpoints: [{ loadBalancingWeight: 0, endpoint: { address: SOCKET } }] }),
    'loadAssignment.endpoints[0].lbEndpoints[0].loadBalancingWeight',
    'value must be greater than or equal to 1',
  ),
  onCluster('a priority over 128', endpoints({ priority: 129 }), 'loadAssignment.endpoints[0].priority', 'value must be less than or equal to 128'),
  onCluster('a metadata key without text', cluster({ metadata: { filterMetadata: { '': {} } } }), 'metadata.filterMetadata[""]', atLeast(1)),
  onCluster(
    'too many connections in advance',
    cluster({ preconnectPolicy: { perUpstreamPreconnectRatio: 4 } }),
    'preconnectPolicy.perUpstreamPreconnectRatio',
    'value must be inside range [1, 3]',
  ),
  onCluster(
    'a fault within an Any',
    cluster({
      transportSocket: {
        name: 'envoy.transport_sockets.raw_buffer',
        typedConfig: any('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', { sni: 'a'.repeat(256) }),
      },
    }),
    'transportSocket.typedConfig.sni',
    'value length must be at most 255 bytes',
  ),
  onListener('an address without text', listener({ address: { socketAddress: { address: '', portValue: 1 } } }), 'address.socketAddress.address', atLeast(1)),
  onListener(
    'a source port of zero',
    listener({ filterChains: [{ filterChainMatch: { sourcePorts: [0] } }] }),
    'filterChains[0].filterChainMatch.sourcePorts[0]',
    'value must be inside range [1, 65535]',
  ),
  onListener(
    'a filter without a name',
    listener({ filterChains: [{ filters: [{ typedConfig: any('envoy.extensions.filters.network.echo.v3.Echo') }] }] }),
    'filterChains[0].filters[0].name',
    atLeast(1),
  ),
  onListener('a prefix of statistics without text', manager({ statPrefix: '' }), `${MANAGER}.statPrefix`, atLeast(1)),
  onListener(
    'no routes at all',
    manager({ routeConfig: null }),
    MANAGER,
    'one of rds, routeConfig, scopedRoutes is required',
    'field: "route_specifier", reason: is required',
  ),
  onListener(
    'too many headers',
    manager({ commonHttpProtocolOptions: { maxHeadersCount: 0 } }),
    `${MANAGER}.commonHttpProtocolOptions.maxHeadersCount`,
    'value must be greater than or equal to 1',
  ),
  onListener('a server name with a line break', manager({ serverName: 'a\r\nb' }), `${MANAGER}.serverName`, LOOSE),
  onListener('a virtual host without domains', host({ domains: [] }), `${HOST}.domains`, 'value must contain at least 1 item(s)'),
  onListener('a header without a name', host({ requestHeadersToRemove: [''] }), `${HOST}.requestHeadersToRemove[0]`, atLeast(1)),
  onListener('a header with a line break', host({ requestHeadersToAdd: [{ header: { key: 'a\nb' } }] }), `${HOST}.requestHeadersToAdd[0].header.key`, LOOSE),
  onListener(
    'too many headers to add',
    host({ requestHeadersToAdd: Array.from({ length: 1001 }, (_, i) => ({ header: { key: `x-${i}` } })) }),
    `${HOST}.requestHeadersToAdd`,
    'value must contain no more than 1000 item(s)',
  ),
  onListener('a route without a match', route({ match: null }), `${ROUTE}.match`, REQUIRED),
  onListener(
    'a route without an action',
    route({ directResponse: null }),
    ROUTE,
    'one of route, redirect, directResponse, filterAction, nonForwardingAction is required',
    'field: "action", reason: is required',
  ),
  onListener('a status that is none', route({ directResponse: { status: 600 } }), `${ROUTE}.directResponse.status`, 'value must be inside range [200, 600)'),
  onListener(
    'a path prefix with a query',
    route({ match: { pathSeparatedPrefix: '/a?' } }),
    `${ROUTE}.match.pathSeparatedPrefix`,
    'value does not match regex pattern "^[^?#]+[^?#/]$"',
  ),
  onListener('a regular expression without text', route({ match: { safeRegex: {} } }), `${ROUTE}.match.safeRegex.regex`, atLeast(1)),
  onListener(
    'a query parameter without a name',
    route({ match: { prefix: '/', queryParameters: [{ presentMatch: true }] } }),
    `${ROUTE}.match.queryParameters[0].name`,
    atLeast(1),
  ),
  onListener('a redirect with a line break', route({ directResponse: null, redirect: { hostRedirect: 'a\nb' } }), `${ROUTE}.redirect.hostRedirect`, LOOSE),
  onListener(
    'no clusters with weights',
    action({ cluster: null, weightedClusters: {} }),
    `${ROUTE}.route.weightedClusters.clusters`,
    'value must contain at least 1 item(s)',
  ),
  onListener('a retry without an interval', action({ retryPolicy: { retryBackOff: {} } }), `${ROUTE}.route.retryPolicy.retryBackOff.baseInterval`, REQUIRED),
  onListener('a hash of a header without a name', action({ hashPolicy: [{ header: {} }] }), `${ROUTE}.route.hashPolicy[0].header.headerName`, atLeast(1)),
  onListener(
    'a header matcher without a name',
    route({ match: { prefix: '/', headers: [{ presentMatch: true }] } }),
    `${ROUTE}.match.headers[0].name`,
    atLeast(1),
  ),
  onListener(
    'a field of a filter',
    filter('envoy.filters.http.buffer', any('envoy.extensions.filters.http.buffer.v3.Buffer')),
    `${FILTER}.maxRequestBytes`,
    REQUIRED,
  ),
  onListener(
    'a header of the router that it does not know',
    manager({ httpFilters: [{ name: 'router', typedConfig: any('envoy.extensions.filters.http.router.v3.Router', { strictCheckHeaders: ['x'] }) }] }),
    `${MANAGER}.httpFilters[0].typedConfig.strictCheckHeaders[0]`,
    'value must be in list [x-envoy-upstream-rq-timeout-ms x-envoy-upstream-rq-per-try-timeout-ms x-envoy-max-retries x-envoy-retry-grpc-on x-envoy-retry-on]',
  ),
  onListener(
    'a delay that is none',
    filter('envoy.filters.http.fault', any('envoy.extensions.filters.http.fault.v3.HTTPFault', { delay: { fixedDelay: '0s' } })),
    `${FILTER}.delay.fixedDelay`,
    'value must be greater than 0s',
  ),
  onListener(
    'an abort of a status that is none',
    filter('envoy.filters.http.fault', any('envoy.extensions.filters.http.fault.v3.HTTPFault', { abort: { httpStatus: 100 } })),
    `${FILTER}.abort.httpStatus`,
    'value must be inside range [200, 600)',
  ),
];
