import type { JsonObject } from '../../src/proto/json.ts';

/** An object that nothing here finds fault with, and that Envoy refuses. */
export interface BadConfig {
  /** What is wrong with it. */
  readonly what: string;
  /** As people declare it. */
  readonly object: JsonObject;
  /** A good one without which Envoy would not look at it. */
  readonly with?: JsonObject;
  /** The type of which Envoy refuses an answer. */
  readonly type: 'cds' | 'lds' | 'rds' | 'sds';
}

const TYPE = 'type.googleapis.com/';
const CLUSTER = `${TYPE}envoy.config.cluster.v3.Cluster`;
const LISTENER = `${TYPE}envoy.config.listener.v3.Listener`;
const MANAGER = `${TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const ROUTER = { name: 'envoy.filters.http.router', typedConfig: { '@type': `${TYPE}envoy.extensions.filters.http.router.v3.Router` } };

const address = (host: string, port: number): JsonObject => ({ socketAddress: { address: host, portValue: port } });
const endpoints = (...hosts: string[]): JsonObject => ({
  clusterName: 'bad',
  endpoints: [{ lbEndpoints: hosts.map((host) => ({ endpoint: { address: address(host, 80) } })) }],
});
const cluster = (more: JsonObject): JsonObject => ({ kind: 'Raw', name: 'bad', type: CLUSTER, resource: { connectTimeout: '1s', ...more } });
const fixed = (more: JsonObject): JsonObject => cluster({ type: 'STATIC', loadAssignment: endpoints('127.0.0.1'), ...more });

/** @param port one that is free */
const listener = (port: number, more: JsonObject): JsonObject => ({
  kind: 'Raw',
  name: 'bad',
  type: LISTENER,
  resource: { address: address('127.0.0.1', port), ...more },
});
const manager = (more: JsonObject): JsonObject => ({
  name: 'envoy.filters.network.http_connection_manager',
  typedConfig: { '@type': MANAGER, statPrefix: 'bad', routeConfig: {}, httpFilters: [ROUTER], ...more },
});
const chains = (...filters: JsonObject[]): JsonObject => ({ filterChains: filters.map((filter) => ({ filters: [filter] })) });
const route = (more: JsonObject): JsonObject => ({ kind: 'Route', name: 'bad', hosts: ['bad.example.com'], ...more });

/**
 * @param free a port that nobody listens on
 * @param busy one that somebody else does
 */
export function badConfigs(free: number, busy: number): readonly BadConfig[] {
  return [
    {
      what: 'a listener on a port that another program has',
      type: 'lds',
      object: { kind: 'Listener', name: 'bad', address: `127.0.0.1:${busy}`, protocol: 'http' },
    },
    {
      what: 'a listener on an address of another machine',
      type: 'lds',
      object: { kind: 'Listener', name: 'bad', address: `192.0.2.1:${free}`, protocol: 'http' },
    },
    { what: 'a listener without filter chains', type: 'lds', object: listener(free, {}) },
    { what: 'a listener with two filter chains for the same connections', type: 'lds', object: listener(free, chains(manager({}), manager({}))) },
    { what: 'filters after the last one', type: 'lds', object: listener(free, chains(manager({ httpFilters: [ROUTER, ROUTER] }))) },
    {
      what: 'a script that does not parse',
      type: 'lds',
      object: listener(
        free,
        chains(
          manager({
            httpFilters: [
              {
                name: 'envoy.filters.http.lua',
                typedConfig: { '@type': `${TYPE}envoy.extensions.filters.http.lua.v3.Lua`, defaultSourceCode: { inlineString: 'function (' } },
              },
              ROUTER,
            ],
          }),
        ),
      ),
    },
    {
      what: 'an access log in a format that Envoy does not know',
      type: 'lds',
      object: listener(
        free,
        chains(
          manager({
            accessLog: [
              {
                name: 'envoy.access_loggers.stdout',
                typedConfig: {
                  '@type': `${TYPE}envoy.extensions.access_loggers.stream.v3.StdoutAccessLog`,
                  logFormat: { textFormatSource: { inlineString: '%NO_SUCH_COMMAND%' } },
                },
              },
            ],
          }),
        ),
      ),
    },
    {
      what: 'routes inside a listener to a cluster that is not there',
      type: 'lds',
      object: listener(
        free,
        chains(
          manager({
            routeConfig: {
              validateClusters: true,
              virtualHosts: [{ name: 'a', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'nowhere' } }] }],
            },
          }),
        ),
      ),
    },
    { what: 'a static cluster with a name for an address', type: 'cds', object: cluster({ type: 'STATIC', loadAssignment: endpoints('not-an-address') }) },
    {
      what: 'a logical DNS cluster with two names',
      type: 'cds',
      object: cluster({ type: 'LOGICAL_DNS', loadAssignment: endpoints('a.localhost', 'b.localhost') }),
    },
    { what: 'a cluster by EDS that does not say from where', type: 'cds', object: cluster({ type: 'EDS' }) },
    { what: 'an original destination with round robin', type: 'cds', object: cluster({ type: 'ORIGINAL_DST', lbPolicy: 'ROUND_ROBIN' }) },
    {
      what: 'a hash ring whose least is above its most',
      type: 'cds',
      object: fixed({ lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize: '2048', maximumRingSize: '1024' } }),
    },
    {
      what: 'a health check that takes a range of no statuses',
      type: 'cds',
      object: fixed({
        healthChecks: [
          {
            timeout: '1s',
            interval: '1s',
            unhealthyThreshold: 1,
            healthyThreshold: 1,
            httpHealthCheck: { path: '/', expectedStatuses: [{ start: '300', end: '200' }] },
          },
        ],
      }),
    },
    {
      what: 'an authority that is no certificate',
      type: 'cds',
      object: fixed({
        transportSocket: {
          name: 'envoy.transport_sockets.tls',
          typedConfig: {
            '@type': `${TYPE}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
            commonTlsContext: { validationContext: { trustedCa: { inlineString: 'no certificate' } } },
          },
        },
      }),
    },
    {
      what: 'a transport socket that is none',
      type: 'cds',
      object: fixed({ transportSocket: { name: 'bad', typedConfig: { '@type': `${TYPE}envoy.extensions.filters.http.router.v3.Router` } } }),
    },
    {
      what: 'a header of a command without what it needs',
      type: 'rds',
      object: route({ service: 'good', headers: { request: { set: { 'x-bad': '%REQ()%' } } } }),
    },
    {
      what: 'a header with a command that Envoy does not know',
      type: 'rds',
      object: route({ respond: { status: 200 }, headers: { response: { set: { 'x-bad': '%NO_SUCH_COMMAND%' } } } }),
    },
    {
      what: 'a header of a command with more than it takes',
      type: 'rds',
      object: route({ respond: { status: 200 }, headers: { response: { set: { 'x-bad': '%REQ(a?b?c)%' } } } }),
    },
    {
      what: 'a secret that is no certificate',
      type: 'sds',
      object: {
        kind: 'Raw',
        name: 'bad',
        type: `${TYPE}envoy.extensions.transport_sockets.tls.v3.Secret`,
        resource: { tlsCertificate: { certificateChain: { inlineString: 'no certificate' }, privateKey: { inlineString: 'no key' } } },
      },
      with: {
        kind: 'Raw',
        name: 'asks-for-it',
        type: CLUSTER,
        resource: {
          connectTimeout: '1s',
          type: 'STATIC',
          loadAssignment: { ...endpoints('127.0.0.1'), clusterName: 'asks-for-it' },
          transportSocket: {
            name: 'envoy.transport_sockets.tls',
            typedConfig: {
              '@type': `${TYPE}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
              commonTlsContext: { tlsCertificateSdsSecretConfigs: [{ name: 'bad', sdsConfig: { ads: {}, resourceApiVersion: 'V3' } }] },
            },
          },
        },
      },
    },
  ];
}
