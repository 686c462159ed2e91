import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../support/api.ts';
import { waitFor } from '../support/wait.ts';
import { NODE, type TestStream, TYPES, XdsClient } from '../support/xds-client.ts';
import type { Response } from '../support/xds-wire.ts';

/** The whole daemon: the only client of a group leaves, and comes back in the state of the world with its versions. */

const { cds, eds, lds, rds } = TYPES;

interface Stats {
  readonly streams: number;
  readonly types: Readonly<Record<string, { readonly sent: number }>>;
}

let api: TestApi;
let clients: XdsClient[];

beforeEach(async () => {
  api = await TestApi.start();
  clients = [];
  for (const id of ['one', 'two', 'three']) await put(id, '10.0.0.1:80');
});

afterEach(async () => {
  for (const client of clients) client.close();
  await api.close();
});

async function put(id: string, endpoint: string): Promise<void> {
  expect((await api.call('PUT', `/api/v1/services/${id}`, { body: { host: `${id}.example.com`, endpoints: [endpoint] } })).status).toBeLessThan(300);
}

async function stats(): Promise<Stats> {
  return (await api.call('GET', '/xds/stats')).json() as unknown as Stats;
}

async function sent(): Promise<Record<string, number>> {
  return Object.fromEntries(Object.entries((await stats()).types).flatMap(([type, counts]) => (counts.sent === 0 ? [] : [[type, counts.sent]])));
}

/** Everything that is there has been sent and answered. */
async function inSync(): Promise<void> {
  await waitFor('the client to be in sync', async () => {
    const { nodes } = (await api.call('GET', '/api/v1/nodes')).json<{ nodes: { state: string }[] }>();
    return nodes.length === 1 && nodes[0]?.state === 'in-sync';
  });
}

const NAMES: Readonly<Record<string, readonly string[]>> = { [cds]: [], [eds]: ['one', 'two', 'three'], [lds]: [], [rds]: ['http'] };

function open(): TestStream {
  const client = new XdsClient(api.daemon.xdsAddress.port);
  clients.push(client);
  return client.open('sotw');
}

/** Takes a first answer of each type, as Envoy does, and leaves; returns the versions. */
async function taken(): Promise<Map<string, string>> {
  const stream = open();
  const versions = new Map<string, string>();
  const take = async (): Promise<Response> => {
    const response = await stream.next();
    stream.ack(response, NAMES[response.typeUrl]);
    versions.set(response.typeUrl, response.version);
    return response;
  };
  for (const [typeUrl, names] of Object.entries(NAMES)) {
    stream.sotw({ node: NODE, typeUrl, names });
    expect((await take()).typeUrl).toBe(typeUrl);
  }
  await inSync();
  stream.cancel();
  await waitFor('the stream to be gone', async () => (await stats()).streams === 0);
  return versions;
}

/** Comes back with all of them at once. */
function back(versions: ReadonlyMap<string, string>): TestStream {
  const stream = open();
  for (const [typeUrl, names] of Object.entries(NAMES)) stream.sotw({ node: NODE, typeUrl, names, versionInfo: versions.get(typeUrl) });
  return stream;
}

/** The services that a response is about. */
const namesIn = ({ resources }: Response): string[] => ['one', 'two', 'three'].filter((id) => resources.some(({ body }) => body.includes(id)));

describe('case 9: a lone client that comes back', () => {
  it('is sent nothing that it holds', async () => {
    const versions = await taken();
    const before = await sent();
    expect(before).toEqual({ cds: 1, eds: 1, lds: 1, rds: 1 });
    const stream = back(versions);
    await waitFor('all types to be asked for', async () => (await stats()).streams === 1);
    await inSync();
    // Types are asked for one after the other: what comes now comes after all that they would have brought.
    await put('two', '10.0.0.2:80');
    expect(namesIn(await stream.next())).toEqual(['two']);
    expect(await sent()).toEqual({ ...before, eds: 2 });
  });

  it('is sent what changed meanwhile, and that alone', async () => {
    const versions = await taken();
    const before = await sent();
    await put('two', '10.0.0.2:80');
    await put('three', '10.0.0.3:80');
    await put('three', '10.0.0.1:80');
    const stream = back(versions);
    const response = await stream.take(NAMES[eds]);
    expect([response.typeUrl, namesIn(response)]).toEqual([eds, ['two']]);
    await inSync();
    expect(await sent()).toEqual({ ...before, eds: 2 });
    // Changes are followed as before, and somebody waits for the answer.
    const answer = api.call('PUT', '/api/v1/services/one?wait=acked', { body: { host: 'one.example.com', endpoints: ['10.0.0.9:80'] } });
    expect(namesIn(await stream.take(NAMES[eds]))).toEqual(['one']);
    expect((await answer).json<{ rollout: { state: string; nodes: number; acked: number } }>().rollout).toMatchObject({ state: 'live', nodes: 1, acked: 1 });
  });

  it('is no Envoy to wait for as long as it is away', async () => {
    await taken();
    const answer = await api.call('PUT', '/api/v1/services/one?wait=acked', { body: { host: 'one.example.com', endpoints: ['10.0.0.9:80'] } });
    expect(answer.json<{ rollout: { state: string; nodes: number } }>().rollout).toMatchObject({ state: 'no-envoys', nodes: 0 });
    expect((await api.call('GET', '/metrics')).text).toContain('envoyage_propagation_seconds_count{group="default"} 0');
  });
});
