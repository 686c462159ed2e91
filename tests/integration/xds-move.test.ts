import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseGroupRule } from '../../src/model/group-rule.ts';
import type { Move } from '../../src/model/placement.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { Rollout } from '../../src/rollout/rollout.ts';
import { service, TestDesired, testTranslator } from '../../src/rollout/testkit.ts';
import type { Translator } from '../../src/translator/translator.ts';
import { startXdsServer, type XdsServer } from '../../src/xds/server.ts';
import { contents, type TestStream, TYPES, type Variant, XdsClient } from '../support/xds-client.ts';
import type { Response } from '../support/xds-wire.ts';

/** Nodes and their groups as clients see them, over real gRPC; what is sent is text that says its name. */

const { cds, eds, lds, rds } = TYPES;
const LONG = { timeout: 60_000 };

const translator: Translator = {
  ...testTranslator,
  service: ({ id, endpoints }) => ({
    cluster: Buffer.from(`${id}=cluster`),
    endpoints: Buffer.from(`${id}=${endpoints.join()}`),
  }),
  listener: ({ address }) => Buffer.from(`http=${address}`),
  virtualHost: (_, { fallback }) => Buffer.from(`${fallback?.id};`),
  routes: (_, virtualHosts) => Buffer.concat([Buffer.from('http='), ...virtualHosts]),
};

let desired: TestDesired;
let moves: Map<string, Move>;
let rollout: Rollout;
let server: XdsServer;
let clients: XdsClient[];

beforeEach(async () => {
  desired = new TestDesired(service('both'), service('old', ['10.0.0.1:80'], ['old']), service('new', ['10.0.0.2:80'], ['new']));
  moves = new Map();
  clients = [];
  rollout = new Rollout({
    desired,
    translator,
    listeners: { default: { host: '127.0.0.1', port: 10_000 } },
    groups: { moves, rules: ['lab=id:lab-*', 'edge=metadata:labels.role=edge', 'edge=metadata:canary=true', 'front=cluster:front-*'].map(parseGroupRule) },
  });
  server = await startXdsServer({ address: { host: '127.0.0.1', port: 0 }, attach: (client) => rollout.attach(client) });
});

afterEach(async () => {
  for (const client of clients) client.close();
  rollout.close();
  await server.close();
});

function open(variant: Variant): TestStream {
  const client = new XdsClient(server.address.port);
  clients.push(client);
  return client.open(variant);
}

function move(node: string, group: string): void {
  moves.set(node, { node, group, at: '2026-01-01T00:00:00.000Z', by: 'ann@laptop' });
  rollout.regroup(node);
}

const encodeNode = (node: JsonObject): Buffer => loadEnvoyApi().encode('envoy.config.core.v3.Node', node);
const NODE = encodeNode({ id: 'n', cluster: 'old' });
const placementOf = (id: string) => rollout.nodes().find((node) => node.id === id)?.placement;

describe('a node says who it is', () => {
  it.each<[string, JsonObject, string]>([
    ['nothing but its id', {}, 'default'],
    ['node.cluster', { cluster: 'old' }, 'old'],
    ['an id that a rule knows', { id: 'lab-7', cluster: 'old' }, 'lab'],
    ['a node.cluster that a rule knows', { cluster: 'front-eu' }, 'front'],
    ['metadata that a rule knows', { cluster: 'old', metadata: { labels: { role: 'edge' } } }, 'edge'],
    ['other metadata that a rule knows', { cluster: 'old', metadata: { canary: true, more: [1, null] } }, 'edge'],
    ['metadata that no rule knows', { cluster: 'old', metadata: { labels: { role: 'lab' }, canary: false } }, 'old'],
  ])('by %s', async (_, said, group) => {
    const stream = open('delta');
    stream.delta({ node: encodeNode({ id: 'n', ...said }), typeUrl: lds });
    await stream.take();
    expect(rollout.nodes().map((node) => node.group)).toEqual([group]);
  });

  it('anew each time it comes', async () => {
    for (const [cluster, expected] of [
      ['old', ['both', 'old']],
      ['new', ['both', 'new']],
    ] as const) {
      const stream = open('delta');
      stream.delta({ node: encodeNode({ id: 'n', cluster }), typeUrl: cds });
      expect((await stream.take()).resources.map(({ name }) => name).toSorted()).toEqual(expected);
      expect(placementOf('n')).toEqual({ group: cluster, from: 'cluster' });
      stream.cancel();
    }
  });

  it('with metadata that cannot be read is turned away, and told why', async () => {
    const stream = open('delta');
    // Field 3, of length 3: a field of length 5 that is cut short.
    stream.delta({ node: Buffer.concat([encodeNode({ id: 'n' }), Buffer.from([26, 3, 10, 5, 97])]), typeUrl: cds });
    expect((await stream.ended()).details).toContain('node.metadata is not a google.protobuf.Struct');
  });
});

/** Subscribes to everything as an Envoy does that comes back, all types at once. */
function comeBack(variant: Variant, held: ReadonlyMap<string, Response>): TestStream {
  const stream = open(variant);
  for (const type of [cds, eds, lds, rds]) {
    const before = held.get(type);
    const names = type === cds || type === lds ? [] : (before?.resources.map(({ name }) => name) ?? []);
    const node = type === cds ? NODE : undefined;
    if (variant === 'sotw') stream.sotw({ node, typeUrl: type, names, versionInfo: before?.version });
    else stream.delta({ node, typeUrl: type, subscribe: names, initialVersions: new Map(before?.resources.map(({ name, version }) => [name, version])) });
  }
  return stream;
}

/** A stream that has everything of its group. */
async function started(variant: Variant): Promise<{ stream: TestStream; held: Map<string, Response> }> {
  const stream = open(variant);
  const held = new Map<string, Response>();
  stream.subscribe(cds, [], NODE);
  held.set(cds, await stream.next());
  const clusters = held.get(cds)?.resources.map(({ name }) => name) ?? [];
  stream.subscribe(eds, clusters);
  held.set(eds, await stream.next());
  for (const type of [cds, eds]) stream.ack(held.get(type) as Response, type === eds ? clusters : []);
  stream.subscribe(lds);
  held.set(lds, await stream.take());
  stream.subscribe(rds, ['http']);
  held.set(rds, await stream.take(['http']));
  return { stream, held };
}

/** What is in a response, with its type in short. */
const said = (response: Response): unknown[] => [
  Object.entries(TYPES).find(([, url]) => url === response.typeUrl)?.[0],
  contents(response),
  ...(response.removed.length > 0 ? [response.removed] : []),
];

describe('a node that is moved', () => {
  it('is told so', async () => {
    const { stream } = await started('delta');
    move('n', 'new');
    expect(await stream.ended()).toMatchObject({ code: 14, details: 'n belongs to group new now: come back for what that holds' });
  });

  it('delta: comes back and is sent the difference alone, what vanished last', async () => {
    const { stream, held } = await started('delta');
    move('n', 'new');
    await stream.ended();
    const arrival = rollout.arrival('n', LONG);
    const back = comeBack('delta', held);
    const clusters = await back.next();
    // Endpoints that the new group does not have go with their cluster; until then they stay as they are.
    expect(said(clusters)).toEqual(['cds', ['new=cluster']]);
    back.delta({ typeUrl: eds, subscribe: ['new'] });
    expect(said(await back.take())).toEqual(['eds', ['new=10.0.0.2:80']]);
    back.ack(clusters);
    expect(said(await back.take())).toEqual(['rds', ['http=both;new;']]);
    expect(said(await back.take())).toEqual(['cds', [], ['old']]);
    expect(said(await back.take())).toEqual(['eds', [], ['old']]);
    expect(await arrival).toMatchObject({ state: 'live', nodes: 1, acked: 1 });
  });

  it('sotw: comes back, and has the old clusters until no route leads to them', async () => {
    const { stream, held } = await started('sotw');
    move('n', 'new');
    await stream.ended();
    const arrival = rollout.arrival('n', LONG);
    const back = comeBack('sotw', held);
    const clusters = await back.next();
    expect(said(clusters)).toEqual(['cds', ['both=cluster', 'new=cluster', 'old=cluster']]);
    const names = ['both', 'old', 'new'];
    let endpoints = await back.take(['both', 'old']);
    expect(said(endpoints)).toEqual(['eds', ['both=10.0.0.1:80']]);
    back.sotw({ typeUrl: eds, names, versionInfo: endpoints.version, nonce: endpoints.nonce });
    endpoints = await back.take(names);
    expect(said(endpoints)).toEqual(['eds', ['new=10.0.0.2:80']]);
    back.ack(clusters);
    expect(said(await back.take(['http']))).toEqual(['rds', ['http=both;new;']]);
    expect((await rollout.arrival('n')).state).toBe('pending');
    expect(said(await back.take())).toEqual(['cds', ['both=cluster', 'new=cluster']]);
    expect(await arrival).toMatchObject({ state: 'live' });
  });

  it('sotw: is sent the new clusters alone where nobody knows what it holds', async () => {
    const { stream, held } = await started('sotw');
    move('n', 'new');
    await stream.ended();
    const { version: _, ...clusters } = held.get(cds) as Response;
    const back = comeBack('sotw', new Map([...held, [cds, { ...clusters, version: 'another' }]]));
    expect(said(await back.next())).toEqual(['cds', ['both=cluster', 'new=cluster']]);
  });

  it.each(['delta', 'sotw'] as const)('%s: into a group that holds the same, is sent nothing and has arrived', async (variant) => {
    const { stream, held } = await started(variant);
    desired.put(service('old', ['10.0.0.1:80'], ['old', 'twin']));
    rollout.notice({ number: desired.revision, changes: [{ id: 'old' }] });
    await rollout.progress(desired.revision);
    move('n', 'twin');
    await stream.ended();
    const back = comeBack(variant, held);
    expect((await rollout.arrival('n', LONG)).state).toBe('live');
    // An answer to come, had there been one, would come before that to a question of now.
    desired.put(service('twin', ['10.0.0.3:80'], ['twin']));
    rollout.notice({ number: desired.revision, changes: [{ id: 'twin' }] });
    const next = await back.take();
    expect([next.typeUrl, contents(next)]).toEqual([cds, variant === 'delta' ? ['twin=cluster'] : ['both=cluster', 'old=cluster', 'twin=cluster']]);
  });
});
