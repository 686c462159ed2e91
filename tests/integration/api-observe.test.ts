import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DaemonInfo, RevisionList, Rollout, XdsStats } from '../../src/api/types.ts';
import { VERSION } from '../../src/lib/version.ts';
import type { Revision } from '../../src/model/revision.ts';
import { TestApi } from '../support/api.ts';
import { connectInSync, type DiscoveryClient } from '../support/discovery-client.ts';
import { parsePrometheus } from '../support/prometheus.ts';

const SERVICES = '/api/v1/services';
const WEB = `${SERVICES}/web.example.com`;
const web = { host: 'web.example.com', endpoints: ['10.0.0.1:5678'] };

describe('what the API tells', () => {
  let api: TestApi;
  const clients: DiscoveryClient[] = [];
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.end(clients.splice(0)));

  const stats = async () => (await api.call('GET', '/xds/stats')).json<XdsStats>();
  const put = (port: number, query: string) => api.call('PUT', `${WEB}?${query}`, { body: { ...web, endpoints: [`10.0.0.1:${port}`] } });
  const envoy = async (id: string, options: { group?: string } = {}): Promise<DiscoveryClient> => {
    const client = await connectInSync(api, id, options);
    clients.push(client);
    return client;
  };

  describe('health', () => {
    it('is exactly what the compose stack and load balancers look for', async () => {
      expect((await api.call('GET', '/healthz')).text).toBe('{"status":"healthy","service":"envoyage"}');
      expect((await api.call('GET', '/readyz')).json()).toEqual({ status: 'ready', checks: { registry: true, xds: true } });
    });
  });

  it('the daemon tells what it is and where it listens', async () => {
    const info = (await api.call('GET', '/api/v1/daemon')).json<DaemonInfo>();
    expect(info).toEqual({
      version: VERSION,
      startedAt: expect.stringMatching(/Z$/) as unknown,
      revision: 0,
      dataDir: `${api.folder}/data`,
      xdsAddress: `127.0.0.1:${api.daemon.xdsAddress.port}`,
      xdsAddresses: [`127.0.0.1:${api.daemon.xdsAddress.port}`],
      xdsTls: false,
      httpAddress: `127.0.0.1:${api.port}`,
      listeners: { default: '127.0.0.1:10000' },
    });
    await put(1, '');
    expect((await api.call('GET', '/api/v1/daemon')).json<DaemonInfo>().revision).toBe(1);
  });

  describe('/xds/stats', () => {
    const none = { sent: 0, acked: 0, rejected: 0 };

    it('has these fields before anything has happened', async () => {
      expect(await stats()).toEqual({
        last_update: null,
        update_count: 0,
        xds_server_url: `http://127.0.0.1:${api.daemon.xdsAddress.port}`,
        nodes: 0,
        streams: 0,
        types: { cds: none, eds: none, lds: none, rds: none, sds: none, vhds: none, ecds: none, srds: none, rtds: none },
      });
    });

    it('counts updates, and what became of each type', async () => {
      await envoy('a');
      await put(1, 'wait=acked');
      await put(2, 'wait=acked');
      const { last_update, update_count, nodes: connected, streams, types } = await stats();
      expect([update_count, connected, streams]).toEqual([2, 1, 1]);
      expect(Date.parse(last_update ?? '')).toBeGreaterThan(Date.parse('2020-01-01'));
      expect(types['cds']?.sent).toBeGreaterThan(0);
      for (const counts of Object.values(types)) expect(counts).toEqual({ sent: counts.sent, acked: counts.sent, rejected: 0 });
      await put(2, 'wait=acked');
      expect((await stats()).update_count).toBe(2);
    });
  });

  describe('revisions', () => {
    it('tell what changed, when, and by whom', async () => {
      await api.call('PUT', WEB, { body: web, headers: { 'x-envoyage-author': 'ann@laptop' } });
      await api.call('PATCH', WEB, { body: { endpoints: ['10.0.0.2:1'], groups: ['edge'] } });
      await api.call('DELETE', WEB);
      const service = { id: 'web.example.com', ...web };
      const changed = { ...service, endpoints: ['10.0.0.2:1'], groups: ['edge'] };
      const { revisions, next } = (await api.call('GET', '/api/v1/revisions')).json<RevisionList>();
      expect(revisions.map(({ number, author, changes }) => ({ number, author, changes }))).toEqual([
        { number: 3, author: 'api@127.0.0.1', changes: [{ id: 'web.example.com', before: changed, after: null }] },
        { number: 2, author: 'api@127.0.0.1', changes: [{ id: 'web.example.com', before: service, after: changed }] },
        { number: 1, author: 'ann@laptop', changes: [{ id: 'web.example.com', before: null, after: service }] },
      ]);
      expect(next).toBeNull();
      expect(revisions.map(({ time }) => time)).toEqual(
        revisions
          .map(({ time }) => time)
          .toSorted()
          .toReversed(),
      );
      expect((await api.call('GET', '/api/v1/revisions/2')).json<Revision>()).toEqual(revisions[1]);
    });

    it('come in pages, newest first, none twice and none left out', async () => {
      for (let i = 1; i <= 25; i++) await api.raw('PUT', WEB, { body: { ...web, endpoints: [`10.0.0.1:${i}`] } });
      const pages: number[][] = [];
      for (let next: number | null = null, first = true; first || next !== null; first = false) {
        const page: RevisionList = (await api.call('GET', `/api/v1/revisions?limit=10${next === null ? '' : `&before=${next}`}`)).json();
        pages.push(page.revisions.map(({ number }) => number));
        next = page.next;
      }
      expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
      expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i));
      const exact = (await api.call('GET', '/api/v1/revisions?limit=25')).json<RevisionList>();
      expect([exact.revisions.length, exact.next]).toEqual([25, null]);
      expect((await api.call('GET', '/api/v1/revisions?before=1')).json()).toEqual({ revisions: [], next: null });
      expect((await api.call('GET', '/api/v1/revisions?before=9007199254740991&limit=1')).json<RevisionList>().revisions[0]?.number).toBe(25);
    });

    it('are none at first', async () => {
      expect((await api.call('GET', '/api/v1/revisions')).json()).toEqual({ revisions: [], next: null });
    });

    it.each(['0', '2', '-1', '1.5', 'x', '01x', '99999999999999999999', '', '%20', '1e0'])('number %j is not there', async (number) => {
      await put(1, '');
      for (const path of [`/api/v1/revisions/${number}`, `/api/v1/revisions/${number}/rollout`]) {
        expect((await api.call('GET', path)).problem(), path).toMatchObject({ status: 404, code: 'revision-not-found' });
      }
    });

    it('have a rollout each', async () => {
      await envoy('a');
      for (let i = 1; i <= 3; i++) await put(i, 'wait=acked');
      for (let i = 1; i <= 3; i++)
        expect((await api.call('GET', `/api/v1/revisions/${i}/rollout`)).json<Rollout>()).toMatchObject({ revision: i, state: 'live' });
    });
  });

  describe('/metrics', () => {
    const families = async () => parsePrometheus((await api.call('GET', '/metrics')).text);
    const values = async (name: string) => (await families()).get(name)?.samples.map(({ labels, value }) => [labels, value]);

    it('is in the format of Prometheus', async () => {
      expect((await api.call('GET', '/metrics')).headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      for (const [name, { help }] of await families()) expect(help, name).not.toBe('');
    });

    it('has these names of our own', async () => {
      const own = [...(await families())].filter(([name]) => name.startsWith('envoyage_')).map(([name, { type }]) => [name, type]);
      expect(Object.fromEntries(own)).toEqual({
        envoyage_info: 'gauge',
        envoyage_services: 'gauge',
        envoyage_revision: 'gauge',
        envoyage_certificate_not_after_seconds: 'gauge',
        envoyage_certificate_problem: 'gauge',
        envoyage_nodes: 'gauge',
        envoyage_xds_streams: 'gauge',
        envoyage_xds_streams_behind: 'gauge',
        envoyage_xds_streams_blocked: 'gauge',
        envoyage_xds_responses_in_flight: 'gauge',
        envoyage_publications_pending: 'gauge',
        envoyage_xds_rejections: 'gauge',
        envoyage_xds_resources: 'gauge',
        envoyage_xds_responses_total: 'counter',
        envoyage_xds_acks_total: 'counter',
        envoyage_xds_nacks_total: 'counter',
        envoyage_xds_sent_bytes_total: 'counter',
        envoyage_xds_received_bytes_total: 'counter',
        envoyage_xds_heartbeats_total: 'counter',
        envoyage_propagation_seconds: 'histogram',
        envoyage_propagation_first_seconds: 'histogram',
        envoyage_stage_seconds: 'histogram',
        envoyage_commits_total: 'counter',
        envoyage_commits_coalesced_total: 'counter',
        envoyage_xds_log_overruns_total: 'counter',
        envoyage_quarantined: 'gauge',
        envoyage_quarantines_total: 'counter',
        envoyage_rollbacks_total: 'counter',
        envoyage_canary_waiting: 'gauge',
        envoyage_canary_timeouts_total: 'counter',
        envoyage_push_waiting: 'gauge',
        envoyage_push_wait_seconds: 'histogram',
        envoyage_http_request_seconds: 'histogram',
        envoyage_xds_limited_total: 'counter',
        envoyage_xds_refused_total: 'counter',
        envoyage_agent_containers: 'gauge',
        envoyage_agent_lease_seconds: 'gauge',
        envoyage_agent_leases_ended_total: 'counter',
        envoyage_agent_refused_total: 'counter',
        envoyage_agent_renewals_total: 'counter',
        envoyage_agent_reports_total: 'counter',
        envoyage_agents: 'gauge',
        envoyage_overrides: 'gauge',
        envoyage_provider_changes_total: 'counter',
        envoyage_provider_failures_total: 'counter',
        envoyage_provider_last_sync_seconds: 'gauge',
        envoyage_provider_objects: 'gauge',
        envoyage_provider_problems: 'gauge',
        envoyage_provider_publishes_total: 'counter',
        envoyage_provider_state: 'gauge',
        envoyage_provider_up: 'gauge',
        envoyage_pushes: 'gauge',
        envoyage_pushes_expired_total: 'counter',
        envoyage_pushes_renewed_total: 'counter',
        envoyage_pushes_total: 'counter',
      });
      expect([...(await families()).keys()]).toEqual(expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_heap_size_used_bytes']));
    });

    it('tells what is there', async () => {
      await envoy('a');
      await envoy('b', { group: 'ed"ge\n' });
      await put(1, 'wait=acked');
      await put(2, 'wait=acked');
      expect(await values('envoyage_info')).toEqual([[{ version: VERSION }, 1]]);
      expect(await values('envoyage_services')).toEqual([[{}, 1]]);
      expect(await values('envoyage_revision')).toEqual([[{}, 2]]);
      const one = async (name: string) => (await values(name))?.filter(([, value]) => value !== 0);
      const odd = 'ed\\"ge\\n';
      expect(await one('envoyage_xds_streams')).toEqual([
        [{ group: 'default', variant: 'delta', service: 'ads' }, 1],
        [{ group: odd, variant: 'delta', service: 'ads' }, 1],
      ]);
      expect(await one('envoyage_nodes')).toEqual([
        [{ group: 'default', state: 'in-sync' }, 1],
        [{ group: odd, state: 'in-sync' }, 1],
      ]);
      expect(await one('envoyage_xds_resources')).toContainEqual([{ group: odd, mode: 'ads', type: 'cds' }, 1]);
      expect(await values('envoyage_commits_total')).toEqual([[{}, 2]]);
      const { types } = await stats();
      const names = { sent: 'envoyage_xds_responses_total', acked: 'envoyage_xds_acks_total', rejected: 'envoyage_xds_nacks_total' } as const;
      for (const [type, counts] of Object.entries(types)) {
        for (const [result, name] of Object.entries(names) as [keyof typeof names, string][]) {
          const samples = (await values(name))?.filter(([labels]) => (labels as Record<string, string>)['type'] === type) ?? [];
          expect(
            samples.reduce((sum, [, value]) => sum + Number(value), 0),
            `${name} ${type}`,
          ).toBe(counts[result]);
        }
      }
    });

    it('names routes by their pattern, and never what a client made up', async () => {
      await put(1, '');
      await api.call('GET', `${SERVICES}/made-up-1`);
      await api.call('GET', '/made-up-2');
      await api.call('GET', `${SERVICES}/%zz-made-up-3`);
      await api.call('DELETE', '/healthz');
      const { text } = await api.call('GET', '/metrics');
      expect(text).not.toContain('made-up');
      const counted = (await families()).get('envoyage_http_request_seconds')?.samples.filter(({ name }) => name.endsWith('_count'));
      expect(counted?.map(({ labels }) => labels)).toEqual(
        expect.arrayContaining([
          { method: 'PUT', route: '/api/v1/services/{id}', status: '201' },
          { method: 'GET', route: '/api/v1/services/{id}', status: '404' },
          { method: 'GET', route: 'unknown', status: '404' },
          { method: 'DELETE', route: 'unknown', status: '405' },
        ]),
      );
    });
  });
});
