import { declaredKey, type Kind } from '../../src/model/kinds.ts';

/** An object that passes all checks of our own and that a real Envoy refuses. */
export interface BadObject {
  readonly what: string;
  /** As it is declared. */
  readonly object: { readonly kind: Kind; readonly name: string } & Readonly<Record<string, unknown>>;
  /** Of Envoy's words. */
  readonly words: RegExp;
  /** Its statistics that count refusals. */
  readonly stat: 'cluster_manager.cds.update_rejected' | 'listener_manager.lds.update_rejected' | 'http.http.rds.http.update_rejected';
}

const CLUSTER = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const LISTENER = 'type.googleapis.com/envoy.config.listener.v3.Listener';
const CDS = 'cluster_manager.cds.update_rejected';
const LDS = 'listener_manager.lds.update_rejected';

const endpoint = (address: string): object => ({ endpoint: { address: { socketAddress: { address, portValue: 80 } } } });
const assignment = (clusterName: string, ...addresses: string[]): object => ({ clusterName, endpoints: [{ lbEndpoints: addresses.map(endpoint) }] });

function cluster(what: string, words: RegExp, more: object): BadObject {
  const name = what.replaceAll(/[^a-z]+/g, '-');
  const resource = { type: 'STATIC', connectTimeout: '1s', loadAssignment: assignment(name, '127.0.0.1'), ...more };
  return { what, object: { kind: 'Raw', name, type: CLUSTER, resource }, words, stat: CDS };
}

function listener(what: string, words: RegExp, port: number, more: object): BadObject {
  const name = what.replaceAll(/[^a-z]+/g, '-');
  const resource = { address: { socketAddress: { address: '127.0.0.1', portValue: port } }, filterChains: [{ filters: [tcpProxy(name)] }], ...more };
  return { what, object: { kind: 'Raw', name, type: LISTENER, resource }, words, stat: LDS };
}

const tcpProxy = (statPrefix: string): object => ({
  name: 'envoy.filters.network.tcp_proxy',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', statPrefix, cluster: 'web' },
});

const httpFilters = (routes: object[]): object => ({
  name: 'envoy.filters.network.http_connection_manager',
  typedConfig: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    statPrefix: 'bad',
    routeConfig: { virtualHosts: [{ name: 'all', domains: ['*'], routes }] },
    httpFilters: [{ name: 'router', typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } }],
  },
});

const tls = (context: object): object => ({
  transportSocket: {
    name: 'tls',
    typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', ...context },
  },
});

/** @param free ports that nobody listens on @param taken one that somebody does */
export function badObjects(free: number, taken: number): readonly BadObject[] {
  return [
    {
      what: 'route with a header made of something that is not there',
      object: {
        kind: 'Route',
        name: 'field',
        hosts: ['field.example.com'],
        to: [{ service: 'web.example.com' }],
        headers: { request: { set: { 'x-a': '%NO_SUCH_FIELD%' } } },
      },
      words: /NO_SUCH_FIELD/,
      stat: 'http.http.rds.http.update_rejected',
    },
    cluster('cluster with a transport socket that is not there', /no\.such\.socket/, { transportSocket: { name: 'no.such.socket' } }),
    cluster('cluster with a name for an address', /malformed IP address/, { loadAssignment: assignment('x', 'not-an-address') }),
    cluster('cluster with a ring upside down', /ring hash/, { lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize: '100', maximumRingSize: '10' } }),
    cluster('cluster of one name with two endpoints', /LOGICAL_DNS/, { type: 'LOGICAL_DNS', loadAssignment: assignment('x', 'a.invalid', 'b.invalid') }),
    cluster(
      'cluster with an authority that is none',
      /CA|certificate/i,
      tls({ commonTlsContext: { validationContext: { trustedCa: { inlineString: 'nonsense' } } } }),
    ),
    cluster(
      'cluster with a certificate that is none',
      /certificate/i,
      tls({ commonTlsContext: { tlsCertificates: [{ certificateChain: { inlineString: 'x' }, privateKey: { inlineString: 'x' } }] } }),
    ),
    cluster('cluster with ciphers that are none', /cipher/i, tls({ commonTlsContext: { tlsParams: { cipherSuites: ['NO-SUCH-CIPHER'] } } })),
    cluster('cluster with a filter that is not there', /no\.such\.filter/, { filters: [{ name: 'no.such.filter' }] }),
    cluster('cluster with statuses upside down', /status/i, {
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
    cluster('cluster of a type that is not there', /no\.such\.cluster/, { type: undefined, clusterType: { name: 'no.such.cluster' } }),
    cluster('cluster with a resolver that is not there', /no\.such\.resolver/, {
      loadAssignment: {
        clusterName: 'x',
        endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: 'x', portValue: 1, resolverName: 'no.such.resolver' } } } }] }],
      },
    }),
    cluster('cluster with a policy that is not there', /load balanc/i, {
      loadBalancingPolicy: {
        policies: [{ typedExtensionConfig: { name: 'x', typedConfig: { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: 'x' } } }],
      },
    }),
    {
      what: 'listener on an address of another machine',
      object: { kind: 'Listener', name: 'elsewhere', address: `192.0.2.1:${free}`, protocol: 'http' },
      words: /192\.0\.2\.1/,
      stat: LDS,
    },
    listener('listener on a port of somebody else', /bind|in use/i, taken, {}),
    listener('listener without filters', /filter chain/i, free + 1, { filterChains: [] }),
    listener('listener with a filter that is not there', /no\.such\.filter/, free + 2, { filterChains: [{ filters: [{ name: 'no.such.filter' }] }] }),
    listener('listener with two equal chains', /same matching rules|match/i, free + 3, {
      filterChains: [
        { name: 'a', filters: [tcpProxy('a')] },
        { name: 'b', filters: [tcpProxy('b')] },
      ],
    }),
    listener('listener with a regular expression that is none', /missing \)|regex/i, free + 4, {
      filterChains: [{ filters: [httpFilters([{ match: { safeRegex: { regex: '(' } }, route: { cluster: 'web' } }])] }],
    }),
    listener('listener with a route to nowhere', /unknown cluster/i, free + 5, {
      filterChains: [
        {
          filters: [
            {
              name: 'envoy.filters.network.http_connection_manager',
              typedConfig: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                statPrefix: 'bad',
                routeConfig: {
                  validateClusters: true,
                  virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'nowhere' } }] }],
                },
                httpFilters: [{ name: 'router', typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } }],
              },
            },
          ],
        },
      ],
    }),
    listener('listener with a listener filter that is not there', /no\.such\.listener/, free + 6, { listenerFilters: [{ name: 'no.such.listener' }] }),
    listener('listener that ends with a filter in the middle', /terminal/i, free + 7, { filterChains: [{ filters: [tcpProxy('a'), tcpProxy('b')] }] }),
    listener('listener with a prefix that is none', /prefix|CIDR|invalid/i, free + 8, {
      filterChains: [{ filterChainMatch: { prefixRanges: [{ addressPrefix: 'nonsense', prefixLen: 8 }] }, filters: [tcpProxy('a')] }],
    }),
  ];
}

export function keyOfBad({ object }: BadObject): string {
  return declaredKey(object.kind, object.name);
}
