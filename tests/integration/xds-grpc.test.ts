import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeList } from '../../src/api/types.ts';
import { TestApi } from '../support/api.ts';
import { waitFor } from '../support/wait.ts';
import { type TestStream, TYPES, type Variant, XdsClient } from '../support/xds-client.ts';
import { encodeNode, type Response } from '../support/xds-wire.ts';

/** What gRPC clients are sent, spoken by hand: over both variants, though theirs is state of the world. */

const HOST = 'web.example.com';
const URL = `/api/v1/services/${HOST}`;

let api: TestApi;
let client: XdsClient;

beforeEach(async () => {
  api = await TestApi.start();
  client = new XdsClient(api.daemon.xdsAddress.port);
  await api.call('POST', '/api/v1/services', { body: { host: HOST, endpoints: ['10.0.0.1:80'] } });
});

afterEach(async () => {
  client.close();
  await api.close();
});

const grpc = (id: string, cluster = 'default'): Buffer => encodeNode({ id, cluster, agent: 'gRPC Go' });
const switchTo = (...endpoints: string[]): Promise<unknown> => api.call('PATCH', URL, { body: { endpoints } });
const bodies = ({ resources }: Response): string => resources.map(({ body }) => body).join();

/** The first request of a client that comes back. */
function comeBack(stream: TestStream, typeUrl: string, names: readonly string[], node: Buffer, held: Response): void {
  if (stream.variant === 'sotw') stream.sotw({ node, typeUrl, names, versionInfo: held.version });
  else stream.delta({ node, typeUrl, subscribe: names, initialVersions: new Map(held.resources.map(({ name, version }) => [name, version])) });
}

async function leave(stream: TestStream, id: string): Promise<void> {
  stream.cancel();
  await waitFor(`${id} to be gone`, async () =>
    (await api.call('GET', '/api/v1/nodes')).json<NodeList>().nodes.some((node) => node.id === id && node.state === 'gone'),
  );
}

describe.each<Variant>(['sotw', 'delta'])('a gRPC client (%s)', (variant) => {
  it('is sent the listener of each name that it asks for, and told when it goes', async () => {
    const stream = client.open(variant);
    const names = [HOST, `${HOST}:80`];
    stream.subscribe(TYPES.lds, names, grpc('a'));
    const first = await stream.take(names);
    expect(first.resources).toHaveLength(2);
    expect(bodies(first)).toContain(`${HOST}:80`);
    await api.call('DELETE', URL);
    const second = await stream.take(names);
    expect([second.resources, second.removed.toSorted()]).toEqual([[], variant === 'delta' ? names : []]);
    await api.call('POST', '/api/v1/services', { body: { host: '*.example.com', endpoints: ['10.0.0.1:80'] } });
    expect((await stream.take(names)).resources).toHaveLength(2);
  });

  it('is sent endpoints alone by a switch', async () => {
    const stream = client.open(variant);
    for (const [type, names] of [
      [TYPES.lds, [HOST]],
      [TYPES.rds, [HOST]],
      [TYPES.cds, [HOST]],
      [TYPES.eds, [HOST]],
    ] as const) {
      stream.subscribe(type, names, grpc('a'));
      expect((await stream.take(names)).typeUrl).toBe(type);
    }
    await switchTo('10.0.0.2:80');
    const changed = await stream.take([HOST]);
    expect([changed.typeUrl, changed.resources.length]).toEqual([TYPES.eds, 1]);
    expect(bodies(changed)).toContain('10.0.0.2');
    await switchTo('web-a:80');
    expect((await stream.take([HOST])).typeUrl).toBe(TYPES.cds);
  });

  it('that comes back is sent what it may lack, and what changed while nobody asked for it', async () => {
    // Long enough a list to be remembered, with all that was made of it.
    const names = [HOST, ...Array.from({ length: 50 }, (_, i) => `none-${i}.example.com`)];
    const keeper = client.open(variant);
    keeper.subscribe(TYPES.lds, ['other.example.com'], grpc('keeper'));
    const first = client.open(variant);
    first.subscribe(TYPES.eds, names, grpc('a'));
    const held = await first.take(names);
    await leave(first, 'a');

    // A version says what the client took last, and nothing about what it has let go of since; versions by name do.
    const second = client.open(variant);
    comeBack(second, TYPES.eds, names, grpc('a'), held);
    expect((await second.take(names)).resources).toHaveLength(variant === 'delta' ? 0 : 1);
    await leave(second, 'a');

    await switchTo('10.0.0.2:80');
    const third = client.open(variant);
    comeBack(third, TYPES.eds, names, grpc('a'), held);
    const changed = await third.take(names);
    expect(bodies(changed)).toContain('10.0.0.2');
    await leave(third, 'a');

    await switchTo('10.0.0.3:80');
    const fourth = client.open(variant);
    fourth.subscribe(TYPES.eds, names, grpc('a'));
    expect(bodies(await fourth.take(names))).toContain('10.0.0.3');
  });

  it('takes part in what a write waits for', async () => {
    const stream = client.open(variant);
    stream.subscribe(TYPES.eds, [HOST], grpc('a'));
    await stream.take([HOST]);
    const pending = api.call('PATCH', `${URL}?wait=acked&timeout=60`, { body: { endpoints: ['10.0.0.2:80'] } });
    const response = await stream.next();
    stream.nack(response, `${HOST}: no`, [HOST], response.version);
    expect((await pending).json()).toMatchObject({ rollout: { state: 'rejected', nodes: 1, rejected: [{ node: 'a', type: 'eds' }] } });
    // What it refused is parked, and what it took before comes again.
    expect(bodies(await stream.take([HOST]))).toContain('10.0.0.1');
    await api.call('PATCH', `${URL}?wait=acked`, { body: { groups: ['inner'] } });
    const other = await api.call('POST', '/api/v1/services?wait=acked', { body: { host: 'other.example.com', endpoints: ['10.0.0.1:80'] } });
    expect(other.json()).toMatchObject({ rollout: { state: 'live', nodes: 1, acked: 1 } });
  });
});
