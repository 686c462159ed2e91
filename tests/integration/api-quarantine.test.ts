import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeList, Quarantine, RevisionList, WrittenService } from '../../src/api/types.ts';
import { CLUSTER, ENDPOINTS } from '../../src/xds/types.ts';
import { TestApi } from '../support/api.ts';
import { PickyClient } from '../support/picky-client.ts';
import { waitFor } from '../support/wait.ts';

const SERVICES = '/api/v1/services';
const refuses = (type: string, text: string): string | undefined => (type === CLUSTER && text.includes('bad-name') ? 'no such name' : undefined);

describe('what Envoys refuse, over the API', () => {
  let api: TestApi;
  const clients: PickyClient[] = [];
  const start = async (flags: Parameters<typeof TestApi.start>[0] = {}): Promise<void> => {
    api = await TestApi.start(flags);
  };
  beforeEach(() => start({ 'rollback-share': '0.9' }));
  afterEach(() => api.end(clients.splice(0)));

  const connect = async (id: string, group = 'edge'): Promise<PickyClient> => {
    const client = new PickyClient(api.daemon.xdsAddress.port, id, { group, refuses });
    clients.push(client);
    await waitFor(`${id} to be in sync`, async () => (await list()).nodes.some((node) => node.id === id && node.state === 'in-sync'));
    return client;
  };
  const list = async () => (await api.call('GET', '/api/v1/nodes')).json<NodeList>();
  const quarantine = async (query = '') => (await api.call('GET', `/api/v1/quarantine${query}`)).json<Quarantine>();
  const put = async (id: string, endpoint: string) =>
    (await api.call('PUT', `${SERVICES}/${id}?wait=acked`, { body: { id, host: `${id}.example.com`, endpoints: [endpoint] } })).json<WrittenService>();

  it('is listed, counted, logged, and tried again by hand', async () => {
    await api.close();
    await start();
    const [a] = [await connect('a'), await connect('b', 'lab')];
    await put('web', '10.0.0.1:80');
    const { rollout, revision } = await put('web', 'bad-name:80');
    expect(rollout).toMatchObject({ state: 'rejected', acked: 0 });
    await waitFor('both groups to park it', async () => (await quarantine()).quarantined.length === 2);
    const about = { key: 'web', type: 'cds', revision, good: 1, message: 'Error adding/updating cluster(s) web: no such name' };
    expect((await quarantine('?group=edge')).quarantined).toEqual([{ ...about, group: 'edge', node: 'a', since: expect.any(String) }]);
    expect((await list()).quarantined).toHaveLength(2);
    expect(api.log).toContainEqual(
      expect.objectContaining({ level: 'warn', ...about, group: 'edge', msg: 'an object was refused and is parked until it changes' }),
    );
    const metrics = (await api.call('GET', '/metrics')).text;
    for (const line of ['envoyage_quarantined{group="edge"} 1', 'envoyage_quarantines_total{group="lab"} 1', 'envoyage_rollbacks_total{group="edge"} 0'])
      expect(metrics).toContain(line);
    await waitFor('the last good one', () => a?.text(ENDPOINTS, 'web')?.includes('10.0.0.1'));
    const released = await api.call('DELETE', '/api/v1/quarantine/web?group=edge');
    expect(released.status).toBe(200);
    await waitFor('it to be refused again', () => a?.rejected.get(CLUSTER) === 2);
    await waitFor('it to be parked again', async () => (await quarantine('?group=edge')).quarantined.length === 1);
    expect((await api.call('DELETE', '/api/v1/quarantine/Route%2Fapi')).problem()).toMatchObject({ status: 404, code: 'object-not-found' });
  });

  it('a revision that too many refuse is taken back, and by whom history says', async () => {
    for (const id of ['a', 'b']) await connect(id);
    await put('web', '10.0.0.1:80');
    const { revision } = await put('web', 'bad-name:80');
    const { rollbacks } = await waitFor('the rollback', async () => {
      const state = await quarantine();
      return state.rollbacks.length > 0 && state;
    });
    expect(rollbacks).toEqual([expect.objectContaining({ revision, by: revision + 1, group: 'edge', refused: 2, nodes: 2 })]);
    const { revisions } = (await api.call('GET', '/api/v1/revisions?limit=1')).json<RevisionList>();
    expect(revisions[0]).toMatchObject({ number: revision + 1, author: `envoyage (automatic rollback of ${revision})` });
    expect((await api.call('GET', `${SERVICES}/web`)).json()).toMatchObject({ endpoints: ['10.0.0.1:80'] });
    await waitFor('nothing to be parked', async () => (await quarantine()).quarantined.length === 0);
    for (const client of clients) await waitFor('the last good one', () => client.text(ENDPOINTS, 'web')?.includes('10.0.0.1'));
    expect(clients.map(({ rejected }) => rejected.get(CLUSTER))).toEqual([1, 1]);
  });
});
