import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staticBootstrap } from '../../../src/envoy/static-resources.ts';
import { EnvoyValidator } from '../../../src/envoy/validate.ts';
import type { JsonObject } from '../../../src/proto/json.ts';
import { TYPE_URL_PREFIX } from '../../../src/proto/json.ts';
import { CLUSTER, ENDPOINTS, EXTENSION, LISTENER, ROUTES, RUNTIME, SCOPED_ROUTES, SECRET, VIRTUAL_HOST } from '../../../src/xds/types.ts';
import { Authority } from '../../support/certificates.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../../support/envoys.ts';

const any = (type: string, message: JsonObject = {}): JsonObject => ({ '@type': TYPE_URL_PREFIX + type, ...message });
const ADS = { ads: {}, resourceApiVersion: 'V3' };
const BUFFER = 'envoy.extensions.filters.http.buffer.v3.Buffer';
const ROUTER = { name: 'router', typedConfig: any('envoy.extensions.filters.http.router.v3.Router') };
const PAIR = new Authority('validate').issue({ dns: ['web.test'] });

/** Type, name, content; the name is put into it. */
type Piece = readonly [type: string, name: string, resource: JsonObject];

const routes = (name: string, cluster: string): Piece => [
  ROUTES,
  name,
  { virtualHosts: [{ name: 'a', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster } }] }] },
];
const cluster = (name: string, serviceName?: string): Piece => [
  CLUSTER,
  name,
  { type: 'EDS', edsClusterConfig: { edsConfig: ADS, ...(serviceName === undefined ? {} : { serviceName }) } },
];
const endpoints = (name: string, address: string): Piece => [
  ENDPOINTS,
  name,
  { endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address, portValue: 80 } } } }] }] },
];
const secret = (name: string, key: string): Piece => [
  SECRET,
  name,
  { tlsCertificate: { certificateChain: { inlineString: PAIR.cert }, privateKey: { inlineString: key } } },
];
const buffer = (message: JsonObject): Piece => [EXTENSION, 'limit', { typedConfig: any(BUFFER, message) }];

/** One that asks for its routes, its certificate and a filter. */
const listener: Piece = [
  LISTENER,
  'https',
  {
    address: { socketAddress: { address: '0.0.0.0', portValue: 443 } },
    filterChains: [
      {
        filters: [
          {
            name: 'manager',
            typedConfig: any('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
              statPrefix: 'https',
              rds: { routeConfigName: 'https', configSource: ADS },
              httpFilters: [{ name: 'limit', configDiscovery: { configSource: ADS, typeUrls: [TYPE_URL_PREFIX + BUFFER] } }, ROUTER],
            }),
          },
        ],
        transportSocket: {
          name: 'tls',
          typedConfig: any('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
            commonTlsContext: { tlsCertificateSdsSecretConfigs: [{ name: 'pair', sdsConfig: ADS }] },
          }),
        },
      },
    ],
  },
];

const GOOD: readonly Piece[] = [
  listener,
  routes('https', 'web'),
  cluster('web', 'web-endpoints'),
  endpoints('web-endpoints', '127.0.0.1'),
  secret('pair', PAIR.key),
  buffer({ maxRequestBytes: 5 }),
  routes('nobody asks', 'web'),
  endpoints('nobody asks', '127.0.0.1'),
  [VIRTUAL_HOST, 'https/web.test', { domains: ['web.test'], routes: [{ match: { prefix: '/' }, route: { cluster: 'web' } }] }],
  [SCOPED_ROUTES, 'scope', { routeConfigurationName: 'https', key: { fragments: [{ stringKey: 'a' }] } }],
  [RUNTIME, 'flags', { layer: { flag: 1 } }],
];

function bootstrap(pieces: readonly Piece[]): JsonObject {
  const named = pieces.map(([type, name, resource]) => ({ type, name, resource: { [type === ENDPOINTS ? 'clusterName' : 'name']: name, ...resource } }));
  return staticBootstrap(Map.groupBy(named, ({ type }) => type));
}

/** The good ones with some in the place of those of the same type and name. */
function but(...wrong: readonly Piece[]): JsonObject {
  const isReplaced = ([type, name]: Piece): boolean => wrong.some((each) => each[0] === type && each[1] === name);
  return bootstrap([...GOOD.filter((each) => !isReplaced(each)), ...wrong]);
}

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  let validator: EnvoyValidator;
  beforeAll(async () => {
    const path = await testEnvoy(version);
    validator = new EnvoyValidator({ find: () => Promise.resolve({ path, version }), timeoutMs: 60_000 });
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(() => validator.close());

  it('accepts what is good, and all that nothing leads to', async () => {
    expect(await validator.validate(bootstrap(GOOD))).toEqual({ outcome: 'accepted', envoy: version });
  });

  it('accepts that what is asked for is not there', async () => {
    const lacking = GOOD.filter(([type, name]) => ![SECRET, EXTENSION, ENDPOINTS].includes(type) && !(type === ROUTES && name === 'https'));
    expect(await validator.validate(bootstrap(lacking))).toEqual({ outcome: 'accepted', envoy: version });
    expect(await validator.validate(bootstrap([]))).toEqual({ outcome: 'accepted', envoy: version });
  });

  it.each<[string, JsonObject, string]>([
    ['a route', but(routes('https', 'nope')), "route: unknown cluster 'nope'"],
    ['a route that nobody asks for', but(routes('nobody asks', 'nope')), "route: unknown cluster 'nope'"],
    ['an endpoint', but(endpoints('web-endpoints', 'web.test')), 'malformed IP address: web.test'],
    ['an endpoint that nobody asks for', but(endpoints('nobody asks', 'web.test')), 'malformed IP address: web.test'],
    ['a key', but(secret('pair', 'no key')), 'Failed to load private key from <inline>'],
    ['a filter', but(buffer({})), 'BufferValidationError.MaxRequestBytes: value is required'],
    [
      'a virtual host that is asked for by itself',
      but([VIRTUAL_HOST, 'https/web.test', { domains: ['web.test'], routes: [{ match: { safeRegex: { regex: '(' } }, redirect: {} }] }]),
      'missing ): (',
    ],
    ['a constraint', but([CLUSTER, 'web', { connectTimeout: '0s' }]), 'ClusterValidationError.ConnectTimeout: value must be greater than 0s'],
  ])('rejects %s in its own words', async (_, wrong, message) => {
    const verdict = await validator.validate(wrong);
    expect(verdict).toMatchObject({ outcome: 'rejected', envoy: version, message: expect.stringContaining(message) });
    expect(JSON.stringify(verdict)).not.toContain('PRIVATE KEY');
  });

  it('says which it is where Envoy counts them', async () => {
    const clusters = (...names: string[]): Piece[] => names.map((name) => [CLUSTER, name, name === 'bad' ? { connectTimeout: '0s' } : {}]);
    expect(await validator.validate(bootstrap(clusters('a', 'b', 'bad')))).toMatchObject({ resource: { list: 'clusters', index: 2 } });
  });
});
