import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import { TestApi } from '../support/api.ts';
import { NODE, TYPES } from '../support/xds-client.ts';
import { random } from '../support/xds-sim.ts';
import { decodeFields, encodeDelta, encodeSotw } from '../support/xds-wire.ts';

/**
 * The same changes through the API, asked for in every way, end with the same content. Both variants are sent the same
 * bytes. Over ADS and over a service for each type virtual hosts are the same bytes, listeners differ in where they look for
 * routes alone, and endpoints, which are resources of their own over ADS, are a part of their cluster.
 */

const SERVICES = {
  ads: 'envoy.service.discovery.v3.AggregatedDiscoveryService/*AggregatedResources',
  cds: 'envoy.service.cluster.v3.ClusterDiscoveryService/*Clusters',
  eds: 'envoy.service.endpoint.v3.EndpointDiscoveryService/*Endpoints',
  lds: 'envoy.service.listener.v3.ListenerDiscoveryService/*Listeners',
  rds: 'envoy.service.route.v3.RouteDiscoveryService/*Routes',
};
const KINDS = ['lds', 'rds', 'cds', 'eds'] as const;
type Kind = (typeof KINDS)[number];
type Variant = 'delta' | 'sotw';
type Flavour = 'ads' | 'single';

const IDS = Array.from({ length: 8 }, (_, i) => `s${i}`);
const LAST = 'the-last-one';
/** What an answer that holds the last change has in it; the listener never changes. */
const MARKERS: Readonly<Record<Kind, string>> = { lds: '', rds: 'last.example.com', cds: LAST, eds: LAST };
const NAMES: Readonly<Record<Kind, readonly string[]>> = { lds: [], rds: ['http'], cds: [], eds: [...IDS, LAST] };

const envoy = loadEnvoyApi();
let api: TestApi;
const clients: Client[] = [];

beforeEach(async () => {
  api = await TestApi.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await api.close();
});

/** Follows a type; resolves with what is held, encoded, once something with the marker in it is there. */
function follow(variant: Variant, flavour: Flavour, kind: Kind): Promise<Buffer[]> {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const client = new Client(`127.0.0.1:${api.daemon.xdsAddress.port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  clients.push(client);
  const path = SERVICES[flavour === 'ads' ? 'ads' : kind].replace('*', variant === 'delta' ? 'Delta' : 'Stream');
  const stream = client.makeBidiStreamRequest(`/${path}`, asIs, asIs);
  const [typeUrl, names] = [TYPES[kind], NAMES[kind]];
  const held = new Map<string, Buffer>();
  stream.write(variant === 'delta' ? encodeDelta({ node: NODE, typeUrl, subscribe: names }) : encodeSotw({ node: NODE, typeUrl, names }));
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('data', (bytes: Buffer) => {
      const fields = decodeFields(bytes);
      const all = (number: number): Buffer[] => fields.filter((field) => field.number === number).map((field) => field.bytes);
      const nonce = all(5).map(String).join();
      if (variant === 'sotw') {
        // Clusters and listeners come as a whole, of the others those that changed.
        if (kind === 'cds' || kind === 'lds') held.clear();
        for (const any of all(2)) held.set(nameOf(any), any);
        stream.write(encodeSotw({ typeUrl, names, nonce, versionInfo: all(1).map(String).join() }));
      } else {
        for (const resource of all(2)) {
          const part = (number: number): Buffer => decodeFields(resource).find((field) => field.number === number)?.bytes ?? Buffer.alloc(0);
          expect(String(part(3))).toBe(nameOf(part(2)));
          held.set(String(part(3)), part(2));
        }
        for (const name of all(6)) held.delete(String(name));
        stream.write(encodeDelta({ typeUrl, nonce }));
      }
      if ([...held.values()].some((any) => any.includes(MARKERS[kind]))) resolve([...held.values()]);
    });
  });
}

function decode(any: Buffer): JsonObject {
  return envoy.decode('google.protobuf.Any', any);
}

function nameOf(any: Buffer): string {
  const { name, clusterName } = decode(any);
  return String(name ?? clusterName);
}

/** Sorted by name; of endpoints, which nobody says are gone in the state of the world, those that a cluster is there for. */
function sorted(held: readonly Buffer[], there: ReadonlySet<string>): string[] {
  return held
    .filter((any) => !any.includes('ClusterLoadAssignment') || there.has(nameOf(any)))
    .map((any) => any.toString('latin1'))
    .toSorted();
}

/** Without where the listener looks for its routes. */
function withoutSource(listener: JsonObject): string {
  return JSON.stringify(listener, (key, value: unknown) => (key === 'configSource' ? undefined : value));
}

/** Every cluster with its endpoints, wherever they come from. */
function reach(clusters: readonly Buffer[], assignments: readonly Buffer[] = []): Map<string, JsonObject> {
  const byName = new Map(assignments.map((any) => [nameOf(any), decode(any)] as const));
  return new Map(
    clusters
      .map((any) => [nameOf(any), decode(any)] as const)
      .map(([name, { type, edsClusterConfig, loadAssignment, ...rest }]): [string, JsonObject] => {
        const { '@type': _, ...assignment } = (loadAssignment as JsonObject | undefined) ?? byName.get(name) ?? {};
        return [name, { ...rest, byName: type === 'STRICT_DNS', assignment }];
      })
      .toSorted(),
  );
}

describe('the same changes', () => {
  it.each([1, 2, 3])('by seed %i end with the same content in every way', async (seed) => {
    const below = random(seed);
    const following = new Map<string, Promise<Buffer[]>>();
    for (const variant of ['delta', 'sotw'] as const)
      for (const flavour of ['ads', 'single'] as const)
        for (const kind of KINDS) if (flavour === 'ads' || kind !== 'eds') following.set(`${variant} ${flavour} ${kind}`, follow(variant, flavour, kind));
    const there = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const id = IDS[below(IDS.length)] ?? '';
      if (below(3) === 0) {
        if (there.delete(id)) await api.call('DELETE', `/api/v1/services/${id}`);
        continue;
      }
      const endpoint = below(2) === 0 ? `10.0.0.${below(9) + 1}:80` : `db-${below(3)}:80`;
      expect((await api.call('PUT', `/api/v1/services/${id}`, { body: { host: `${id}.example.com`, endpoints: [endpoint] } })).status).toBeLessThan(300);
      there.add(id);
    }
    await api.call('PUT', `/api/v1/services/${LAST}`, { body: { host: 'last.example.com', endpoints: ['10.0.0.1:80'] } });
    there.add(LAST);
    const held = async (variant: Variant, flavour: Flavour, kind: Kind): Promise<Buffer[]> => (await following.get(`${variant} ${flavour} ${kind}`)) ?? [];
    const discovered = new Set((await held('delta', 'ads', 'cds')).filter((any) => decode(any).type === 'EDS').map(nameOf));
    for (const flavour of ['ads', 'single'] as const)
      for (const kind of KINDS)
        expect([flavour, kind, sorted(await held('sotw', flavour, kind), discovered)]).toEqual([
          flavour,
          kind,
          sorted(await held('delta', flavour, kind), discovered),
        ]);
    expect(new Set((await held('delta', 'ads', 'eds')).map(nameOf))).toEqual(discovered);
    expect((await held('delta', 'single', 'rds')).map(String)).toEqual((await held('delta', 'ads', 'rds')).map(String));
    const [ads, single] = [await held('delta', 'ads', 'lds'), await held('delta', 'single', 'lds')];
    expect(single.map(decode).map(withoutSource)).toEqual(ads.map(decode).map(withoutSource));
    expect(single.map(String)).not.toEqual(ads.map(String));
    const [overAds, alone] = [reach(await held('delta', 'ads', 'cds'), await held('delta', 'ads', 'eds')), reach(await held('delta', 'single', 'cds'))];
    expect(alone).toEqual(overAds);
    expect(new Set(alone.keys())).toEqual(there);
  });
});
