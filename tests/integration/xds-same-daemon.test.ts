import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../support/api.ts';
import { NODE, TYPES } from '../support/xds-client.ts';
import { random } from '../support/xds-sim.ts';
import { decodeFields, encodeDelta, encodeSotw } from '../support/xds-wire.ts';

/** The same changes through the API, asked for either way, end with the same clusters, byte for byte. */

const WAYS = [
  ['delta', 'envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources'],
  ['sotw', 'envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources'],
  ['delta', 'envoy.service.cluster.v3.ClusterDiscoveryService/DeltaClusters'],
  ['sotw', 'envoy.service.cluster.v3.ClusterDiscoveryService/StreamClusters'],
] as const;

let api: TestApi;
const clients: Client[] = [];

beforeEach(async () => {
  api = await TestApi.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await api.close();
});

/** Follows all clusters; resolves with what is held, encoded and sorted, once a cluster with this in it is there. */
function follow(variant: 'delta' | 'sotw', path: string, marker: string): Promise<string[]> {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const client = new Client(`127.0.0.1:${api.daemon.xdsAddress.port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  clients.push(client);
  const stream = client.makeBidiStreamRequest(`/${path}`, asIs, asIs);
  const typeUrl = TYPES.cds;
  const held = new Map<string, string>();
  stream.write(variant === 'delta' ? encodeDelta({ node: NODE, typeUrl }) : encodeSotw({ node: NODE, typeUrl }));
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('data', (bytes: Buffer) => {
      const fields = decodeFields(bytes);
      const all = (number: number): Buffer[] => fields.filter((field) => field.number === number).map((field) => field.bytes);
      const nonce = all(5).map(String).join();
      if (variant === 'sotw') {
        held.clear();
        for (const any of all(2)) held.set(any.toString('latin1'), any.toString('latin1'));
        stream.write(encodeSotw({ typeUrl, nonce, versionInfo: all(1).map(String).join() }));
      } else {
        for (const resource of all(2)) {
          const inner = decodeFields(resource);
          const part = (number: number): string => inner.find((field) => field.number === number)?.bytes.toString('latin1') ?? '';
          held.set(part(3), part(2));
        }
        for (const name of all(6)) held.delete(String(name));
        stream.write(encodeDelta({ typeUrl, nonce }));
      }
      if ([...held.values()].some((any) => any.includes(marker))) resolve([...held.values()].toSorted());
    });
  });
}

describe('the same changes', () => {
  it.each([1, 2, 3])('by seed %i end with the same clusters over both variants', async (seed) => {
    const below = random(seed);
    const following = WAYS.map(([variant, path]) => follow(variant, path, 'the-last-one'));
    const there = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const id = `s${below(8)}`;
      if (below(3) === 0) {
        if (there.delete(id)) await api.call('DELETE', `/api/v1/services/${id}`);
        continue;
      }
      const endpoint = below(2) === 0 ? `10.0.0.${below(9) + 1}:80` : `db-${below(3)}:80`;
      expect((await api.call('PUT', `/api/v1/services/${id}`, { body: { host: `${id}.example.com`, endpoints: [endpoint] } })).status).toBeLessThan(300);
      there.add(id);
    }
    await api.call('PUT', '/api/v1/services/the-last-one', { body: { host: 'last.example.com', endpoints: ['10.0.0.1:80'] } });
    const [delta, sotw, deltaAlone, sotwAlone] = await Promise.all(following);
    expect(sotw).toEqual(delta);
    expect(sotwAlone).toEqual(deltaAlone);
    expect([delta?.length, deltaAlone?.length]).toEqual([there.size + 1, there.size + 1]);
  });
});
