import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeGroup, NodeList } from '../../src/api/types.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { connectInSync, DiscoveryClient } from '../support/discovery-client.ts';
import { waitFor } from '../support/wait.ts';

const ANN = { 'x-envoyage-author': 'ann@laptop' };

let folder: ReturnType<typeof tempFolder>;
let api: TestApi;
let clients: DiscoveryClient[];

const start = () => TestApi.start({ 'group-rule': ['edge=id:edge-*'] }, {}, folder.kept);

beforeEach(async () => {
  folder = tempFolder();
  clients = [];
  api = await start();
});

afterEach(async () => {
  await api.end(clients);
  folder.remove();
});

/** One that comes back whenever its stream is ended, as Envoys do. */
async function envoy(id: string, group = ''): Promise<DiscoveryClient> {
  const client = await connectInSync(api, id, { group });
  clients.push(client);
  return client;
}

/** What Envoy does by itself. */
async function comeBack(gone: DiscoveryClient, id: string, options: ConstructorParameters<typeof DiscoveryClient>[2] = {}): Promise<DiscoveryClient> {
  await waitFor('the end of the stream', () => gone.ended !== undefined);
  const client = new DiscoveryClient(api.daemon.xdsAddress.port, id, options);
  clients.push(client);
  return client;
}

const path = (id: string, query = '') => `/api/v1/nodes/${encodeURIComponent(id)}/group${query}`;
const nodes = async (query = '') => (await api.call('GET', `/api/v1/nodes${query}`)).json<NodeList>();
const WAIT = '?wait=acked&timeout=60';

describe('the group of a node', () => {
  it('is told with the reason for it', async () => {
    await envoy('edge-1', 'front');
    await envoy('a', 'front');
    await envoy('b');
    expect((await nodes()).nodes.map(({ id, group, placement }) => [id, group, placement.from, placement.rule])).toEqual([
      ['a', 'front', 'cluster', undefined],
      ['b', 'default', 'default', undefined],
      ['edge-1', 'edge', 'rule', 'edge=id:edge-*'],
    ]);
    expect((await api.call('GET', path('edge-1'))).json<NodeGroup>()).toEqual({
      node: 'edge-1',
      group: 'edge',
      placement: { group: 'edge', from: 'rule', rule: 'edge=id:edge-*' },
      revision: 0,
    });
  });

  it('chooses which nodes are listed', async () => {
    await envoy('a', 'front');
    await envoy('b');
    expect((await nodes('?group=front')).nodes.map(({ id }) => id)).toEqual(['a']);
    expect((await nodes('?group=none')).nodes).toEqual([]);
    expect((await api.call('GET', '/api/v1/nodes?gruop=front')).problem()).toMatchObject({
      status: 400,
      detail: '/gruop: unknown query parameter "gruop" (did you mean "group"?)',
    });
  });
});

describe('a move', () => {
  it('answers when the Envoy holds what the new group does', async () => {
    const client = await envoy('edge/1', 'front');
    const moving = api.call('PUT', path('edge/1', WAIT), { body: { group: 'lab' }, headers: ANN });
    await comeBack(client, 'edge/1', { group: 'front' });
    const answer = await moving;
    expect([answer.status, answer.json<NodeGroup>()]).toEqual([
      200,
      {
        node: 'edge/1',
        group: 'lab',
        placement: { group: 'lab', from: 'move', at: expect.stringMatching(/Z$/) as unknown, by: 'ann@laptop' },
        revision: 0,
        rollout: { revision: 0, state: 'live', nodes: 1, acked: 1, pending: [], rejected: [], elapsedMs: expect.any(Number) as unknown },
      },
    ]);
    expect(await nodes('?group=lab')).toMatchObject({
      nodes: [{ id: 'edge/1', placement: { from: 'move' } }],
      moved: [{ node: 'edge/1', group: 'lab', by: 'ann@laptop' }],
    });
    expect(api.log).toContainEqual(expect.objectContaining({ msg: 'envoy moved', node: 'edge/1', group: 'lab', author: 'ann@laptop' }));
  });

  it('answers when the time is up, and can be waited for afterwards', async () => {
    const client = await envoy('a');
    const { rollout } = (await api.call('PUT', path('a', '?wait=acked&timeout=0.01'), { body: { group: 'lab' } })).json<NodeGroup>();
    expect(rollout).toMatchObject({ state: 'pending', nodes: 1, acked: 0, pending: ['a'] });
    const back = await comeBack(client, 'a', { manner: 'reject' });
    expect((await api.call('GET', path('a', WAIT))).json<NodeGroup>().rollout).toMatchObject({ state: 'rejected', rejected: [{ message: 'no, thank you' }] });
    back.answer('ack');
  });

  it('is undone, and the Envoy goes back to its own group', async () => {
    const client = await envoy('edge-1');
    await api.call('PUT', path('edge-1'), { body: { group: 'lab' } });
    const moved = await comeBack(client, 'edge-1');
    expect((await api.call('GET', path('edge-1', WAIT))).json<NodeGroup>()).toMatchObject({ group: 'lab', rollout: { state: 'live' } });
    const undoing = api.call('DELETE', path('edge-1', WAIT));
    await comeBack(moved, 'edge-1');
    expect((await undoing).json<NodeGroup>()).toMatchObject({ group: 'edge', placement: { from: 'rule' }, rollout: { state: 'live', nodes: 1 } });
    // Once more there is nothing to undo.
    expect((await api.call('DELETE', path('edge-1', WAIT))).json<NodeGroup>()).toMatchObject({ group: 'edge', rollout: { state: 'live' } });
    expect((await nodes()).moved).toEqual([]);
  });

  it('outlives the daemon, and can be undone before the Envoy is back', async () => {
    const clientsThen = [await envoy('a'), await envoy('b')];
    for (const id of ['a', 'b']) await api.call('PUT', path(id), { body: { group: 'lab' } });
    for (const client of clientsThen) client.close();
    await api.close();
    api = await start();
    expect(await nodes()).toMatchObject({ nodes: [], moved: [{ node: 'a', group: 'lab' }, { node: 'b' }] });
    expect((await api.call('GET', path('a', WAIT))).json<NodeGroup>()).toMatchObject({ group: 'lab', rollout: { state: 'no-envoys' } });
    expect((await api.call('DELETE', path('b', WAIT))).json<NodeGroup>()).toMatchObject({ group: null, placement: null, rollout: { state: 'no-envoys' } });
    await envoy('a');
    await envoy('b');
    expect((await nodes()).nodes.map(({ id, group }) => [id, group])).toEqual([
      ['a', 'lab'],
      ['b', 'default'],
    ]);
  });

  it('is for Envoys that have been here', async () => {
    for (const [method, body] of [['GET'], ['PUT', { group: 'lab' }], ['DELETE']] as const) {
      expect((await api.call(method, path('typo'), { body })).problem()).toMatchObject({ status: 404, code: 'node-not-found', hint: 'envoyage status' });
    }
  });

  it.each([
    [{}, '/group: "group" is missing'],
    [{ group: 'a b' }, '/group: a group must be 1 to 128 letters, digits, dots, hyphens or underscores'],
    [{ gruop: 'a' }, '/gruop: unknown field "gruop" (did you mean "group"?)'],
    [['lab'], 'the body must be an object, as in {"group":"edge"}'],
  ])('refuses %j', async (body, detail) => {
    const client = await envoy('a');
    const answer = (await api.call('PUT', path('a'), { body })).problem();
    expect([answer.status, answer.code]).toEqual([400, 'invalid-request']);
    expect(answer.detail).toContain(detail);
    expect((await nodes()).moved).toEqual([]);
    expect(client.ended).toBeUndefined();
  });
});
