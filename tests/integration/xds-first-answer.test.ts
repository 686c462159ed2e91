import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi, tempFolder } from '../support/api.ts';
import { NODE, TYPES } from '../support/xds-client.ts';
import { encodeDelta, encodeSotw } from '../support/xds-wire.ts';

/** Case 11: the first answer takes away what is not in it, so it waits until every source of the desired state has spoken. */

const METHODS = {
  delta: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
  sotw: '/envoy.service.cluster.v3.ClusterDiscoveryService/StreamClusters',
} as const;

let api: TestApi;
let source: PromiseWithResolvers<void>;

beforeEach(async () => {
  source = Promise.withResolvers<void>();
  api = await TestApi.start({}, {}, tempFolder(), [{ name: 'slow', synced: source.promise }]);
});

afterEach(() => api.close());

/** The bytes of the first answer to a stream that asks for all clusters, and the stream's status where it ends before. */
function open(variant: 'delta' | 'sotw'): { first: Promise<string>; ended: Promise<number>; close: () => void } {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const client = new Client(`127.0.0.1:${api.daemon.xdsAddress.port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const stream = client.makeBidiStreamRequest(METHODS[variant], asIs, asIs);
  const request = { node: NODE, typeUrl: TYPES.cds };
  const first = new Promise<string>((resolve) => stream.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1'))));
  const ended = new Promise<number>((resolve) => stream.once('status', ({ code }) => resolve(code)));
  stream.on('error', () => {});
  stream.write(variant === 'delta' ? encodeDelta(request) : encodeSotw(request));
  return { first, ended, close: () => client.close() };
}

describe('case 11: a source that has not spoken yet', () => {
  it('is waited for by streams opened before, which then get all of it; the API works meanwhile and says so', async () => {
    const streams = [open('delta'), open('sotw')];
    expect((await api.call('GET', '/readyz')).json()).toEqual({ status: 'not-ready', checks: { registry: true, xds: false } });
    // Were a stream answered before, its first answer would lack what comes now.
    expect((await api.call('PUT', '/api/v1/services/late', { body: { host: 'late.example.com', endpoints: ['10.0.0.1:80'] } })).status).toBe(201);
    source.resolve();
    for (const { first, close } of streams) {
      expect(await first).toContain('late');
      close();
    }
    expect((await api.call('GET', '/readyz')).json()).toEqual({ status: 'ready', checks: { registry: true, xds: true } });
    const after = open('delta');
    expect(await after.first).toContain('late');
    after.close();
  });

  it('does not keep the daemon from closing: who waits is told to come again', async () => {
    const waiting = open('delta');
    await api.call('GET', '/readyz');
    const closed = api.daemon.close();
    expect(await waiting.ended).toBe(status.UNAVAILABLE);
    await closed;
    waiting.close();
  });
});
