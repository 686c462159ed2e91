import { describe, expect, it } from 'vitest';
import { loadEnvoyApi } from './envoy-api.ts';
import { type JsonObject, TYPE_URL_PREFIX, typeNamesIn } from './json.ts';

const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const LISTENER = 'envoy.config.listener.v3.Listener';

/** A listener whose only HTTP filter is configured by `typedConfig`. */
function listenerWith(typedConfig: JsonObject): JsonObject {
  const manager = {
    '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    statPrefix: 'http',
    httpFilters: [{ name: 'f', typedConfig }],
  };
  return { name: 'http', filterChains: [{ filters: [{ name: 'manager', typedConfig: manager }] }] };
}

const endpointAt = (socketAddress: JsonObject): JsonObject => ({
  name: 'a',
  loadAssignment: { clusterName: 'a', endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress } } }] }] },
});

describe("Envoy's API", () => {
  const api = loadEnvoyApi();

  it.each([
    ['a message of the core', CLUSTER, { name: 'a', type: 'STRICT_DNS', connectTimeout: '0.250s', loadAssignment: { clusterName: 'a' } }],
    ['one outside the core', 'envoy.extensions.filters.http.lua.v3.Lua', { defaultSourceCode: { inlineString: 'x' } }],
    ['nested Anys of the core', LISTENER, listenerWith({ '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.router.v3.Router`, startChildSpan: true })],
    [
      'a nested Any outside the core',
      LISTENER,
      listenerWith({ '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.lua.v3.Lua`, defaultSourceCode: { inlineString: 'x' } }),
    ],
    [
      'Anys three deep',
      LISTENER,
      listenerWith({
        '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.composite.v3.ExecuteFilterAction`,
        typedConfig: { name: 'x', typedConfig: { '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.buffer.v3.Buffer`, maxRequestBytes: 5 } },
      }),
    ],
    [
      'wrapped numbers and a free-form Struct',
      LISTENER,
      { name: 'x', perConnectionBufferLimitBytes: 5, metadata: { filterMetadata: { a: { b: [1, 'x', null, true, { c: 2.5 }] } } } },
    ],
    ['a message of another package', 'google.protobuf.Any', { '@type': `${TYPE_URL_PREFIX}google.protobuf.Duration`, value: '1.500s' }],
    ['nothing', CLUSTER, {}],
  ])('gives back %s as it came', (_, typeName, json) => {
    expect(api.decode(typeName, api.encode(typeName, json))).toEqual(json);
  });

  it('writes the same bytes by the core as by the whole', () => {
    const chainOf = (filter: string): JsonObject =>
      (listenerWith({ '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.${filter}` })['filterChains'] as JsonObject[])[0] ?? {};
    const byCore = api.encode('envoy.config.listener.v3.FilterChain', chainOf('router.v3.Router'));
    const byWhole = api.encode(LISTENER, { filterChains: [chainOf('router.v3.Router'), chainOf('lua.v3.Lua')] });
    expect(byWhole.includes(byCore)).toBe(true);
  });

  it('takes field names as protobuf spells them, too', () => {
    expect(api.encode(CLUSTER, { connect_timeout: '1s' })).toEqual(api.encode(CLUSTER, { connectTimeout: '1s' }));
  });

  it.each([
    ['an unknown field', CLUSTER, { name: 'a', nam: 'b' }, '.envoy.config.cluster.v3.Cluster: unknown field: "nam"'],
    ['an unknown field further in', CLUSTER, endpointAt({ address: 'x', portValu: 1 }), '.envoy.config.core.v3.SocketAddress: unknown field: "portValu"'],
    [
      'an unknown field in an Any',
      LISTENER,
      listenerWith({ '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.router.v3.Router`, nope: 1 }),
      '.envoy.extensions.filters.http.router.v3.Router: unknown field: "nope"',
    ],
    [
      'an unknown field in an Any outside the core',
      LISTENER,
      listenerWith({ '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.http.lua.v3.Lua`, nope: 1 }),
      '.envoy.extensions.filters.http.lua.v3.Lua: unknown field: "nope"',
    ],
    ['a prototype as a field', CLUSTER, JSON.parse('{"__proto__":{"name":"a"}}'), 'unknown field: "__proto__"'],
    ['an unknown enum value', CLUSTER, { type: 'NOPE' }, '.envoy.config.cluster.v3.Cluster.type: unknown enum value: "NOPE"'],
    ['text for a number', CLUSTER, endpointAt({ address: 'x', portValue: 'http' }), '.envoy.config.core.v3.SocketAddress.portValue: invalid integer: "http"'],
    ['a number for text', CLUSTER, { name: 5 }, '.envoy.config.cluster.v3.Cluster.name: expected string: 5'],
    ['a duration without its unit', CLUSTER, { connectTimeout: '5 seconds' }, '.google.protobuf.Duration: invalid duration: "5 seconds"'],
    ['a type that is none', 'envoy.Nope', {}, "Envoy's API has no message envoy.Nope"],
    ['the end of a name', 'Cluster', {}, "Envoy's API has no message Cluster"],
    ['a package', 'envoy.config.cluster.v3', {}, "Envoy's API has no message envoy.config.cluster.v3"],
    ['an enum', 'envoy.config.cluster.v3.Cluster.DiscoveryType', {}, "Envoy's API has no message"],
    ['an Any of a type that is none', LISTENER, listenerWith({ '@type': `${TYPE_URL_PREFIX}envoy.Nope` }), "Envoy's API has no message envoy.Nope"],
    ['an Any of the end of a name', LISTENER, listenerWith({ '@type': `${TYPE_URL_PREFIX}Lua` }), "Envoy's API has no message Lua"],
    ['an Any whose type is no text', LISTENER, listenerWith({ '@type': 5 }), '@type must be a string'],
  ])('refuses %s by its path', (_, typeName, json, message) => {
    expect(() => api.encode(typeName, json as JsonObject)).toThrow(message);
  });

  it('refuses bytes that are no message', () => {
    for (const bytes of [[0xff], [0x0a, 0xff]]) expect(() => api.decode(CLUSTER, Uint8Array.from(bytes))).toThrow(RangeError);
    expect(() => api.decode('Cluster', new Uint8Array())).toThrow("Envoy's API has no message Cluster");
  });

  it('has every message, and only messages, by their full names', () => {
    for (const name of [CLUSTER, 'envoy.extensions.filters.http.lua.v3.Lua', 'envoy.service.discovery.v3.DeltaDiscoveryRequest', 'google.protobuf.Any'])
      expect(api.has(name), name).toBe(true);
    for (const name of ['', 'Cluster', `.${CLUSTER}`, 'envoy', 'envoy.config.cluster.v3', `${CLUSTER}.DiscoveryType`, 'toString', '__proto__', 'constructor'])
      expect(api.has(name), name).toBe(false);
  });
});

describe('typeNamesIn', () => {
  it('finds the type of every Any, however deep', () => {
    expect(
      typeNamesIn({ '@type': 'type.googleapis.com/a.A', x: [{ y: { '@type': 'b.B' } }, 5, null], z: { '@type': 'https://example.com/c/c.C', '@types': 'no' } }),
    ).toEqual(['a.A', 'b.B', 'c.C']);
  });
});
