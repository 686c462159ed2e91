import { describe, expect, it } from 'vitest';
import { loadEnvoyApi } from './envoy-api.ts';
import { pathText } from './fault.ts';
import { type JsonObject, TYPE_URL_PREFIX } from './json.ts';

const api = loadEnvoyApi();
const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const ROUTER = `${TYPE_URL_PREFIX}envoy.extensions.filters.http.router.v3.Router`;
const LUA = `${TYPE_URL_PREFIX}envoy.extensions.filters.http.lua.v3.Lua`;

const faults = (type: string, json: unknown): string[] => api.faults(type, json as JsonObject).map(({ path, message }) => `${pathText(path)}: ${message}`);
const socket = (typedConfig: unknown): object => ({ transportSocket: { name: 'x', typedConfig } });

describe('the faults of JSON', () => {
  it.each<[string, unknown, string[]]>([
    ['no object', { healthChecks: [5] }, ['healthChecks[0]: must be an object, envoy.config.core.v3.HealthCheck']],
    ['null in a list', { healthChecks: [null] }, ['healthChecks[0]: must be an object, envoy.config.core.v3.HealthCheck']],
    ['no list', { healthChecks: {} }, ['healthChecks: must be a list']],
    ['no map', { typedExtensionProtocolOptions: [] }, ['typedExtensionProtocolOptions: must be a map']],
    ['an enum', { type: 'NOPE' }, ['type: unknown enum value: "NOPE"']],
    ['a duration', { connectTimeout: 5 }, ['connectTimeout: expected duration string: 5']],
    ['a wrapped number', { perConnectionBufferLimitBytes: -1 }, ['perConnectionBufferLimitBytes: out of range for uint32: -1']],
    [
      'a number in its proto spelling',
      { health_checks: [{ http_health_check: { path: 5 } }] },
      ['health_checks[0].http_health_check.path: expected string: 5'],
    ],
    [
      'a list of enums',
      { healthChecks: [{ httpHealthCheck: { codecClientType: 'X' } }] },
      ['healthChecks[0].httpHealthCheck.codecClientType: unknown enum value: "X"'],
    ],
    ['two of a oneof', { type: 'EDS', clusterType: { name: 'x' } }, [': multiple values for oneof cluster_discovery_type']],
    ['one in both of its spellings', { altStatName: 'a', alt_stat_name: 'b' }, [': duplicate field: "alt_stat_name"']],
    ['a struct', { metadata: { filterMetadata: { 'envoy.lb': 5 } } }, ['metadata.filterMetadata["envoy.lb"]: google.protobuf.Struct must be an object: 5']],
    [
      'an unknown field in an Any in a map',
      { typedExtensionProtocolOptions: { a: { '@type': ROUTER, starChildSpan: true } } },
      [
        'typedExtensionProtocolOptions.a.starChildSpan: unknown field "starChildSpan" of envoy.extensions.filters.http.router.v3.Router (did you mean "startChildSpan"?)',
      ],
    ],
    [
      'an Any without its type',
      socket({ value: 'x' }),
      ['transportSocket.typedConfig.@type: must be the type of the message, as in "type.googleapis.com/envoy.config.cluster.v3.Cluster"'],
    ],
    ['an Any that is none', socket(5), ['transportSocket.typedConfig: must be an object with "@type"']],
    [
      'an Any of a wrapped value',
      socket({ '@type': `${TYPE_URL_PREFIX}google.protobuf.Duration`, value: 'x' }),
      ['transportSocket.typedConfig.value: invalid duration: "x"'],
    ],
    [
      'several',
      { type: 'X', lbPolicy: 'Y', nope: 1 },
      ['type: unknown enum value: "X"', 'lbPolicy: unknown enum value: "Y"', expect.stringContaining('nope: unknown field "nope"')],
    ],
    ['one beside an Any outside the core', { ...socket({ '@type': LUA }), type: 'X' }, ['type: unknown enum value: "X"']],
    [
      'base64',
      {
        loadAssignment: {
          endpoints: [{ metadata: { typedFilterMetadata: { a: { '@type': `${TYPE_URL_PREFIX}envoy.config.core.v3.DataSource`, inlineBytes: '**' } } } }],
        },
      },
      ['loadAssignment.endpoints[0].metadata.typedFilterMetadata.a.inlineBytes: invalid encoding'],
    ],
  ])('says where %s is', (_, json, expected) => {
    expect(faults(CLUSTER, json)).toEqual(expected);
  });

  it('names the type of an Any that is none with the nearest', () => {
    expect(faults(CLUSTER, socket({ '@type': `${ROUTER}r` }))).toEqual([
      `transportSocket.typedConfig.@type: Envoy's API has no message "envoy.extensions.filters.http.router.v3.Routerr" (did you mean "envoy.extensions.filters.http.router.v3.Router"?)`,
    ]);
  });

  it('are none where it is good, null for nothing included', () => {
    expect(faults(CLUSTER, { name: 'a', altStatName: null, healthChecks: null, type: 'EDS', metadata: { filterMetadata: { a: { b: null } } } })).toEqual([]);
    expect(faults('envoy.config.core.v3.Locality', {})).toEqual([]);
  });

  it('are told up to twenty', () => {
    expect(faults(CLUSTER, Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x${i}`, 1])))).toHaveLength(20);
    expect(faults(CLUSTER, { healthChecks: Array.from({ length: 100 }, () => 5) })).toHaveLength(20);
  });
});
