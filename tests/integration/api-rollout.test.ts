import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeList, Rollout, WrittenRevision, WrittenService, XdsStats } from '../../src/api/types.ts';
import { TestApi } from '../support/api.ts';
import { connectInSync, type DiscoveryClient, type Manner } from '../support/discovery-client.ts';
import { waitFor } from '../support/wait.ts';

const SERVICES = '/api/v1/services';
const WEB = `${SERVICES}/web.example.com`;
const web = { host: 'web.example.com', endpoints: ['10.0.0.1:5678'] };

describe('the rollout', () => {
  let api: TestApi;
  const clients: DiscoveryClient[] = [];
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.end(clients.splice(0)));

  const nodes = async () => (await api.call('GET', '/api/v1/nodes')).json<NodeList>().nodes;
  const stats = async () => (await api.call('GET', '/xds/stats')).json<XdsStats>();
  const put = (port: number, query: string, more: object = {}) =>
    api.call('PUT', `${WEB}?${query}`, { body: { ...web, endpoints: [`10.0.0.1:${port}`], ...more } });
  const envoy = async (id: string, options: { manner?: Manner; group?: string } = {}): Promise<DiscoveryClient> => {
    const client = await connectInSync(api, id, options);
    clients.push(client);
    return client;
  };

  describe('a write that waits', () => {
    it('says that there is nobody', async () => {
      const { rollout } = (await put(1, 'wait=acked')).json<WrittenService>();
      expect(rollout).toEqual({ revision: 1, state: 'no-envoys', nodes: 0, acked: 0, pending: [], rejected: [], elapsedMs: 0 });
      const posted = await api.call('POST', `${SERVICES}?wait=acked`, { body: [{ ...web, host: 'other.example.com' }] });
      expect(posted.json()).toMatchObject({ revision: 2, rollout: { revision: 2, state: 'no-envoys' } });
      expect((await api.call('DELETE', `${WEB}?wait=acked`)).json()).toMatchObject({ revision: 3, rollout: { revision: 3, state: 'no-envoys' } });
    });

    it('has no rollout in its answer unless it asks for one', async () => {
      await envoy('a');
      for (const answer of [await put(1, ''), await put(2, 'timeout=5'), await api.call('PATCH', WEB, { body: {} }), await api.call('DELETE', WEB)])
        expect(answer.json()).not.toHaveProperty('rollout');
    });

    it('is live when all have acknowledged', async () => {
      await envoy('a');
      await envoy('b');
      const { rollout } = (await put(1, 'wait=acked')).json<WrittenService>();
      expect(rollout).toMatchObject({ revision: 1, state: 'live', nodes: 2, acked: 2, pending: [], rejected: [] });
      expect(rollout?.elapsedMs).toBeGreaterThan(0);
      expect((await nodes()).map(({ id, state, revision, connected }) => ({ id, state, revision, connected }))).toEqual(
        ['a', 'b'].map((id) => ({ id, state: 'in-sync', revision: 1, connected: true })),
      );
    });

    it('is live at once where it leaves the Envoys that it is for with what they have, and for others there is nobody', async () => {
      await envoy('a');
      await put(1, 'wait=acked');
      const told = (await put(1, 'wait=acked', { labels: { team: 'web' } })).json<WrittenService>();
      expect(told).toMatchObject({ revision: 2, rollout: { revision: 2, state: 'live', nodes: 1, acked: 1 } });
      const elsewhere = { ...web, host: 'other.example.com', groups: ['elsewhere'] };
      const posted = (await api.call('POST', `${SERVICES}?wait=acked`, { body: elsewhere })).json<WrittenService>();
      expect(posted).toMatchObject({ revision: 3, rollout: { state: 'no-envoys', nodes: 0 } });
    });

    it('is pending when the time is up, and can be waited for again', async () => {
      await envoy('a');
      const slow = await envoy('slow', { manner: 'silent' });
      const { rollout, revision } = (await put(1, 'wait=acked&timeout=0.05')).json<WrittenService>();
      expect(rollout).toMatchObject({ state: 'pending', nodes: 2 });
      expect(rollout?.pending).toContain('slow');
      const path = `/api/v1/revisions/${revision}/rollout`;
      const now = () => api.call('GET', path).then((answer) => answer.json<Rollout>());
      await waitFor('the other one', async () => (await now()).acked === 1);
      expect(await now()).toMatchObject({ state: 'pending', pending: ['slow'] });
      expect((await nodes()).map(({ id, state }) => [id, state])).toEqual([
        ['a', 'in-sync'],
        ['slow', 'behind'],
      ]);
      const waiting = api.call('GET', `${path}?wait=acked&timeout=60`);
      slow.answer('ack');
      expect((await waiting).json()).toMatchObject({ state: 'live', nodes: 2, acked: 2, pending: [] });
    });

    it('does not wait at all with a timeout of 0', async () => {
      await envoy('slow', { manner: 'silent' });
      expect((await put(1, 'wait=acked&timeout=0')).json<WrittenService>().rollout).toMatchObject({ state: 'pending', pending: ['slow'] });
    });

    it('is rejected when all have answered, with the words of who refused', async () => {
      await envoy('a');
      await envoy('b', { manner: 'reject' });
      const { rollout } = (await put(1, 'wait=acked')).json<WrittenService>();
      expect(rollout).toMatchObject({ state: 'rejected', nodes: 2, acked: 1, pending: [] });
      expect(rollout?.rejected).toContainEqual({ node: 'b', type: 'cds', message: 'no, thank you' });
      const refused = (await nodes()).find(({ id }) => id === 'b');
      expect(refused).toMatchObject({ state: 'rejected', connected: true });
      expect(refused?.types.find(({ type }) => type === 'cds')?.rejection).toMatchObject({ message: 'no, thank you' });
      expect((await stats()).types['cds']?.rejected).toBe(1);
      expect(api.log).toContainEqual(expect.objectContaining({ level: 'warn', msg: 'envoy rejected an update', node: 'b', message: 'no, thank you' }));
    });

    it('concerns the Envoys that the service is for', async () => {
      await envoy('in', { group: 'edge' });
      await envoy('out', { group: 'inner', manner: 'silent' });
      expect((await put(1, 'wait=acked', { groups: ['edge'] })).json<WrittenService>().rollout).toMatchObject({ state: 'live', acked: 1 });
    });

    it('ends when the Envoy that it waits for goes away', async () => {
      const slow = await envoy('slow', { manner: 'silent' });
      const waiting = put(1, 'wait=acked&timeout=250');
      await waitFor('the write', async () => (await api.revision()) === 1);
      slow.close();
      expect((await waiting).json<WrittenService>().rollout).toMatchObject({ state: 'no-envoys', nodes: 0 });
      await waitFor('the node to be gone', async () => (await nodes()).some(({ id, state }) => id === 'slow' && state === 'gone'));
    });

    it('is forgotten when whoever waits goes away: nothing is left of it, and the change stays', async () => {
      await envoy('slow', { manner: 'silent' });
      const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const before = timers();
      const impatient = new AbortController();
      const waiting = Array.from({ length: 20 }, (_, i) =>
        api.raw(i === 0 ? 'PUT' : 'GET', i === 0 ? `${WEB}?wait=acked&timeout=290` : '/api/v1/revisions/1/rollout?wait=acked&timeout=290', {
          ...(i === 0 ? { body: web } : {}),
          signal: impatient.signal,
        }),
      );
      const ended = Promise.allSettled(waiting);
      await waitFor('those who wait', () => timers() >= before + 19);
      impatient.abort();
      expect((await ended).map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
      await waitFor('them to be forgotten', () => timers() <= before + 5);
      expect((await api.call('GET', WEB)).status).toBe(200);
    });
  });

  it('reload-xds sends once more what nobody changed', async () => {
    const client = await envoy('a');
    await put(1, 'wait=acked');
    const before = client.seen.length;
    const { revision, rollout } = (await api.call('POST', `${WEB}/reload-xds?wait=acked`)).json<WrittenRevision>();
    expect([revision, rollout?.state]).toEqual([1, 'live']);
    expect(client.seen.slice(before)).toContain('type.googleapis.com/envoy.config.cluster.v3.Cluster');
    expect(await api.revision()).toBe(1);
    expect((await api.call('POST', `${SERVICES}/nope/reload-xds`)).problem()).toMatchObject({ status: 404, code: 'service-not-found' });
  });
});
