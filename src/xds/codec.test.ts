import { describe, expect, it } from 'vitest';
import { loadEnvoyApi } from '../proto/envoy-api.ts';
import { readDeltaRequest, readNode, readSotwRequest } from './codec.ts';
import { makeResource } from './resource.ts';
import { writeDeltaResponse, writeSotwResponse } from './responses.ts';
import { CLUSTER } from './types.ts';

const DISCOVERY = 'envoy.service.discovery.v3';
const api = loadEnvoyApi();

const node = {
  id: 'node-1',
  cluster: 'edge',
  metadata: { zone: 'a' },
  userAgentName: 'envoy',
  userAgentBuildVersion: { version: { majorNumber: 1, minorNumber: 40, patch: 2 }, metadata: { 'build.type': 'RELEASE' } },
  extensions: [{ name: 'envoy.filters.http.router', category: 'envoy.filters.http' }],
  clientFeatures: ['envoy.lb.does_not_support_overprovisioning'],
};
const error = { code: 13, message: 'Error adding/updating cluster(s) ünï: bad', details: [] };

describe('against the API’s own descriptors', () => {
  it('reads a DiscoveryRequest', () => {
    const bytes = api.encode(`${DISCOVERY}.DiscoveryRequest`, {
      versionInfo: 'v1',
      node,
      resourceNames: ['a', 'b', 'a'],
      typeUrl: CLUSTER,
      responseNonce: 'n1',
      errorDetail: error,
      resourceLocators: [{ name: 'x' }],
    });
    const request = readSotwRequest(bytes);
    expect({ ...request, node: request.node && readNode(request.node) }).toEqual({
      typeUrl: CLUSTER,
      node: { id: 'node-1', cluster: 'edge', userAgent: 'envoy', version: '1.40.2', metadata: api.encode('google.protobuf.Struct', { zone: 'a' }) },
      versionInfo: 'v1',
      nonce: 'n1',
      error: { code: 13, message: error.message },
      names: ['a', 'b', 'a'],
    });
  });

  it('reads a DeltaDiscoveryRequest', () => {
    const bytes = api.encode(`${DISCOVERY}.DeltaDiscoveryRequest`, {
      node: { id: 'node-1', userAgentName: 'grpc-java', userAgentVersion: '1.70' },
      typeUrl: CLUSTER,
      resourceNamesSubscribe: ['a', '*'],
      resourceNamesUnsubscribe: ['b'],
      initialResourceVersions: { a: '1', '': 'odd', c: '' },
      responseNonce: 'n1',
      errorDetail: error,
    });
    const request = readDeltaRequest(bytes);
    expect({ ...request, node: request.node && readNode(request.node) }).toEqual({
      typeUrl: CLUSTER,
      node: { id: 'node-1', cluster: '', userAgent: 'grpc-java', version: '1.70' },
      nonce: 'n1',
      error: { code: 13, message: error.message },
      subscribe: ['a', '*'],
      unsubscribe: ['b'],
      initialVersions: new Map([
        ['a', '1'],
        ['', 'odd'],
        ['c', ''],
      ]),
    });
  });

  const cluster = api.encode('envoy.config.cluster.v3.Cluster', { name: 'web', connectTimeout: '5s' });
  const resource = makeResource(CLUSTER, 'web', cluster);

  it('writes a DiscoveryResponse', () => {
    expect(api.decode(`${DISCOVERY}.DiscoveryResponse`, writeSotwResponse(CLUSTER, 'v1', 'n1', [resource, resource]))).toEqual({
      versionInfo: 'v1',
      resources: Array(2).fill({ '@type': CLUSTER, name: 'web', connectTimeout: '5s' }),
      typeUrl: CLUSTER,
      nonce: 'n1',
    });
  });

  it('writes a DeltaDiscoveryResponse', () => {
    expect(api.decode(`${DISCOVERY}.DeltaDiscoveryResponse`, writeDeltaResponse(CLUSTER, 'v1', 'n1', [resource], ['gone', 'too']))).toEqual({
      systemVersionInfo: 'v1',
      resources: [{ version: resource.version, name: 'web', resource: { '@type': CLUSTER, name: 'web', connectTimeout: '5s' } }],
      typeUrl: CLUSTER,
      nonce: 'n1',
      removedResources: ['gone', 'too'],
    });
  });

  it('writes both with a time to live, and without bodies', () => {
    const body = { '@type': CLUSTER, name: 'web', connectTimeout: '5s' };
    for (const bodies of [true, false]) {
      const about = { name: 'web', ttl: '300s', ...(bodies ? { resource: body } : {}) };
      const entries = [{ name: 'web', version: 'v9', ttl: 300, ...(bodies ? { any: resource.any } : {}) }];
      expect(api.decode(`${DISCOVERY}.DeltaDiscoveryResponse`, writeDeltaResponse(CLUSTER, 'v1', 'n1', entries, ['gone']))).toEqual({
        ...{ systemVersionInfo: 'v1', resources: [{ ...about, version: 'v9' }], typeUrl: CLUSTER, nonce: 'n1', removedResources: ['gone'] },
      });
      expect(api.decode(`${DISCOVERY}.DiscoveryResponse`, writeSotwResponse(CLUSTER, 'v1', 'n1', entries))).toEqual({
        ...{ versionInfo: 'v1', typeUrl: CLUSTER, nonce: 'n1' },
        resources: [{ '@type': 'type.googleapis.com/envoy.service.discovery.v3.Resource', ...about }],
      });
    }
  });

  it('makes the same bytes of the same content', () => {
    expect(makeResource(CLUSTER, 'web', cluster)).toEqual(resource);
    expect(makeResource(CLUSTER, 'other', cluster).digest).not.toBe(resource.digest);
    expect(makeResource(CLUSTER, 'other', cluster).version).toBe(resource.version);
  });
});

describe('against bytes made by hand', () => {
  it('an empty message has nothing in it', () => {
    expect(readSotwRequest(Buffer.alloc(0))).toEqual({ typeUrl: '', node: undefined, versionInfo: '', nonce: '', error: undefined, names: [] });
    expect(readNode(Buffer.alloc(0))).toEqual({ id: '', cluster: '', userAgent: '', version: '' });
  });

  it('an empty error is an error', () => {
    expect(readSotwRequest(Buffer.from([50, 0])).error).toEqual({ code: 0, message: '' });
    expect(readDeltaRequest(Buffer.from([58, 0])).error).toEqual({ code: 0, message: '' });
  });

  it('the last of a single field counts, and unknown fields of every kind are passed over', () => {
    const unknown = [0x80, 1, 5, 0x81, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0x82, 1, 2, 9, 9, 0x83, 1, 0x08, 1, 0x84, 1, 0x85, 1, 1, 2, 3, 4];
    expect(readSotwRequest(Buffer.from([...unknown, 10, 1, 97, 10, 1, 98])).versionInfo).toBe('b');
  });

  it.each([
    ['a length beyond the end', [10, 5, 97]],
    ['a tag alone', [10]],
    ['an endless varint', Array(12).fill(0xff)],
    ['an unknown wire type', [0x0e, 1]],
    ['an error cut short', [50, 3, 8]],
  ])('throws at %s', (_, bytes) => {
    expect(() => readSotwRequest(Buffer.from(bytes))).toThrow();
  });
});
