import { describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import type { Raw } from '../model/raw.ts';
import { loadEnvoyApi } from '../proto/envoy-api.ts';
import { TYPE_URL_PREFIX } from '../proto/json.ts';
import { checkRaw, raw } from './raw.ts';

const api = loadEnvoyApi();
const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const ENDPOINTS = 'envoy.config.endpoint.v3.ClusterLoadAssignment';

const wish = (type: string, resource: Raw['resource']): Raw => ({ kind: 'Raw', name: 'web', type: TYPE_URL_PREFIX + type, resource });

function faultsOf(object: Raw): string[] {
  try {
    checkRaw(object, api);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(EnvoyageError);
    return (thrown as EnvoyageError).errors.map(({ field, message }) => `${field} ${message}`);
  }
  return [];
}

describe('a raw resource', () => {
  it.each([
    ['its own name', CLUSTER, { name: 'Web/1', connectTimeout: '1s' }, 'Web/1', { name: 'Web/1', connectTimeout: '1s' }],
    ['the name of the object', CLUSTER, { connectTimeout: '1s' }, 'web', { name: 'web', connectTimeout: '1s' }],
    ['the name of the object, for an empty one', CLUSTER, { name: '' }, 'web', { name: 'web' }],
    ['the name of its cluster', ENDPOINTS, { cluster_name: 'a' }, 'a', { clusterName: 'a' }],
    ['the name of the object as its cluster', ENDPOINTS, {}, 'web', { clusterName: 'web' }],
    ['no name in it where its type has none', 'envoy.config.endpoint.v3.LbEndpoint', { endpointName: 'a' }, 'web', { endpointName: 'a' }],
    ['its name outside the core', 'envoy.service.runtime.v3.Runtime', { layer: { a: 1 } }, 'web', { name: 'web', layer: { a: 1 } }],
  ])('is served under %s', (_, type, resource, name, decoded) => {
    const made = raw(wish(type, resource), api);
    expect([made.type, made.name]).toEqual([TYPE_URL_PREFIX + type, name]);
    expect(api.decode(type, made.bytes)).toEqual(decoded);
    expect(faultsOf(wish(type, resource))).toEqual([]);
  });

  it('makes the same bytes every time', () => {
    const object = wish(CLUSTER, { connectTimeout: '1s', type: 'EDS', edsClusterConfig: { edsConfig: { ads: {} } } });
    expect(raw(object, api).bytes.equals(raw(structuredClone(object), api).bytes)).toBe(true);
  });

  it('is refused with every fault by its place', () => {
    const object = wish(CLUSTER, {
      conectTimeout: '1s',
      loadAssignment: { endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: 'a', port_value: 'x' } } } }] }] },
    });
    expect(faultsOf(object)).toEqual([
      '/resource/conectTimeout conectTimeout: unknown field "conectTimeout" of envoy.config.cluster.v3.Cluster (did you mean "connectTimeout"?)',
      '/resource/loadAssignment/endpoints/0/lbEndpoints/0/endpoint/address/socketAddress/port_value ' +
        'loadAssignment.endpoints[0].lbEndpoints[0].endpoint.address.socketAddress.port_value: invalid integer: "x"',
    ]);
    expect(() => raw(object, api)).toThrow('raw "web": conectTimeout: unknown field');
  });

  it.each([
    ['envoy.config.cluster.v3.Clutser', `Envoy's API has no message "envoy.config.cluster.v3.Clutser" (did you mean "envoy.config.cluster.v3.Cluster"?)`],
    ['envoy.api.v2.Cluster', `"envoy.api.v2.Cluster": v2 of Envoy's API ended with Envoy 1.17`],
    ['envoy.config.cluster.v3', "Envoy's API has no message"],
  ])('is refused where its type is %s', (type, message) => {
    expect(faultsOf(wish(type, {}))).toEqual([expect.stringMatching(/^\/type /)]);
    expect(() => checkRaw(wish(type, {}), api)).toThrow(message);
    expect(() => raw(wish(type, {}), api)).toThrow(message);
  });

  it('is refused where its name is none', () => {
    expect(faultsOf(wish(CLUSTER, { name: 5 }))).toEqual(['/resource/name name: expected string: 5']);
    expect(faultsOf(wish(ENDPOINTS, { clusterName: 'a', cluster_name: 'b' }))).toEqual(['/resource duplicate field: "cluster_name"']);
  });
});
