import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../support/api.ts';
import { connectInSync, DiscoveryClient, type Manner } from '../support/discovery-client.ts';
import { parsePrometheus, type Sample } from '../support/prometheus.ts';
import { waitFor } from '../support/wait.ts';

const WEB = '/api/v1/services/web.example.com';

describe('the metrics of a fleet', () => {
  let api: TestApi;
  const clients: DiscoveryClient[] = [];
  beforeEach(async () => {
    api = await TestApi.start({ listener: ['edge=127.0.0.1:10001'] });
  });
  afterEach(() => api.end(clients.splice(0)));

  const put = (port: number, query = 'wait=acked') => api.call('PUT', `${WEB}?${query}`, { body: { host: 'web.example.com', endpoints: [`web-a:${port}`] } });
  const scrape = async (): Promise<readonly Sample[]> =>
    [...parsePrometheus((await api.call('GET', '/metrics')).text).values()].flatMap(({ samples }) => samples);
  /** The sum of the samples of this name whose labels are as given. */
  const sum = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> => {
    const found = (await scrape()).filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
    expect(found, `${name} ${JSON.stringify(labels)}`).not.toEqual([]);
    return found.reduce((total, { value }) => total + value, 0);
  };
  const envoy = async (id: string, options: { manner?: Manner; group?: string } = {}): Promise<DiscoveryClient> => {
    const client = await connectInSync(api, id, options);
    clients.push(client);
    return client;
  };

  it('are there at zero before anything has happened, for the groups that are configured', async () => {
    for (const group of ['default', 'edge']) {
      expect(await sum('envoyage_xds_streams', { group, variant: 'delta', service: 'ads' })).toBe(0);
      expect(await sum('envoyage_propagation_seconds_count', { group })).toBe(0);
      expect(await sum('envoyage_xds_rejections', { group })).toBe(0);
      expect(await sum('envoyage_nodes', { group, state: 'rejected' })).toBe(0);
    }
  });

  it('time each change from its acceptance to the last answer, by group and stage', async () => {
    await envoy('a');
    await envoy('b');
    await envoy('e', { group: 'edge' });
    for (let i = 1; i <= 3; i++) await put(i);
    for (const group of ['default', 'edge']) {
      expect(await sum('envoyage_propagation_seconds_count', { group })).toBe(3);
      expect(await sum('envoyage_propagation_seconds_bucket', { group, le: '+Inf' })).toBe(3);
      const last = await sum('envoyage_propagation_seconds_sum', { group });
      expect(last).toBeGreaterThan(0);
      expect(await sum('envoyage_propagation_first_seconds_sum', { group })).toBeLessThanOrEqual(last);
    }
    expect(await sum('envoyage_stage_seconds_count', { stage: 'commit' })).toBe(3);
    expect(await sum('envoyage_stage_seconds_count', { stage: 'queue' })).toBe(3);
    for (const stage of ['publish', 'send', 'ack']) expect(await sum('envoyage_stage_seconds_count', { stage }), stage).toBe(6);
    for (const stage of ['commit', 'queue', 'publish', 'send', 'ack']) expect(await sum('envoyage_stage_seconds_sum', { stage }), stage).toBeGreaterThan(0);
    expect(await sum('envoyage_publications_pending')).toBe(0);
    expect(await sum('envoyage_xds_sent_bytes_total', { group: 'edge', type: 'lds' })).toBeGreaterThan(100);
    expect(await sum('envoyage_xds_received_bytes_total', { group: 'edge', type: 'cds' })).toBeGreaterThan(100);
  });

  it('show who has not answered, and how long it took once it has', async () => {
    await envoy('quick');
    const slow = await envoy('slow', { manner: 'silent' });
    await put(1, '');
    await waitFor('the quick one to answer', async () => (await sum('envoyage_xds_streams_behind')) === 1);
    expect(await sum('envoyage_publications_pending', { group: 'default' })).toBe(1);
    expect(await sum('envoyage_xds_responses_in_flight', { group: 'default' })).toBe(1);
    expect(await sum('envoyage_propagation_seconds_count')).toBe(0);
    slow.answer('ack');
    await waitFor('the slow one to answer', async () => (await sum('envoyage_propagation_seconds_count')) === 1);
    expect(await sum('envoyage_xds_streams_behind')).toBe(0);
    expect(await sum('envoyage_publications_pending')).toBe(0);
    expect(await sum('envoyage_xds_responses_in_flight')).toBe(0);
  });

  it('do not count one that leaves as one that answers', async () => {
    const silent = await envoy('silent', { manner: 'silent' });
    await put(1, '');
    await waitFor('the change to be under way', async () => (await sum('envoyage_publications_pending')) === 1);
    silent.close();
    await waitFor('it to be gone', async () => (await sum('envoyage_nodes', { state: 'gone' })) === 1);
    expect(await sum('envoyage_propagation_seconds_count')).toBe(0);
    expect(await sum('envoyage_xds_streams', { group: 'default' })).toBe(0);
  });

  it('show a refusal as long as it stands, and count it for ever', async () => {
    const client = await envoy('a', { manner: 'reject' });
    await put(1);
    expect(await sum('envoyage_xds_rejections', { group: 'default', type: 'cds' })).toBe(1);
    expect(await sum('envoyage_nodes', { group: 'default', state: 'rejected' })).toBe(1);
    client.manner = 'ack';
    await put(2);
    await api.call('DELETE', `${WEB}?wait=acked`);
    await waitFor('nothing to be refused any more', async () => (await sum('envoyage_xds_rejections')) === 0);
    expect(await sum('envoyage_xds_nacks_total', { group: 'default', type: 'cds' })).toBeGreaterThanOrEqual(1);
  });

  it('count changes, and those of them that went out together', async () => {
    await envoy('a');
    await Promise.all(Array.from({ length: 40 }, (_, i) => put(i + 1, '')));
    const commits = await sum('envoyage_commits_total');
    expect(commits).toBe(40);
    const publications = await sum('envoyage_stage_seconds_count', { stage: 'queue' });
    expect(await sum('envoyage_commits_coalesced_total')).toBe(commits - publications);
  });

  it('give groups that clients make up no more than a bounded number of labels', async () => {
    const long = 'x'.repeat(5000);
    clients.push(new DiscoveryClient(api.daemon.xdsAddress.port, 'long', { group: long }));
    for (let i = 0; i < 120; i++) clients.push(new DiscoveryClient(api.daemon.xdsAddress.port, `n${i}`, { group: `made-up-${i}` }));
    await waitFor('all to be connected', async () => (await sum('envoyage_xds_streams')) === 121);
    const groups = new Set((await scrape()).flatMap(({ labels }) => (labels['group'] === undefined ? [] : [labels['group']])));
    expect(groups.size).toBe(101);
    expect(groups).toContain('(other)');
    expect(groups).not.toContain(long);
    expect(await sum('envoyage_xds_streams', { group: '(other)' })).toBe(23);
    expect(await sum('envoyage_nodes', { group: '(other)' })).toBe(23);
  });
});
