import { describe, expect, it } from 'vitest';
import { ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startedUpstreams, type Upstream } from '../support/upstream.ts';

const SERVICES = 1000;

/** Far longer than an answer takes, and well below the 15 s after which Envoy goes on without one (initial_fetch_timeout). */
const PATIENCE_MS = 8000;

const [a, b] = startedUpstreams('A', 'B');

/** The hosts and the clusters that an Envoy holds, by its own word; without the cluster by which it reaches the daemon. */
async function held(envoy: TestEnvoy): Promise<{ hosts: string[]; clusters: string[] }> {
  const text = await (await fetch(`http://127.0.0.1:${envoy.adminPort}/config_dump`)).text();
  const { configs } = JSON.parse(text) as {
    configs: {
      dynamic_route_configs?: { route_config: { virtual_hosts?: { domains: string[] }[] } }[];
      dynamic_active_clusters?: { cluster: { name: string } }[];
    }[];
  };
  const tables = configs.flatMap((config) => config.dynamic_route_configs ?? []);
  return {
    hosts: tables.flatMap(({ route_config }) => (route_config.virtual_hosts ?? []).flatMap(({ domains }) => domains)).toSorted(),
    clusters: configs.flatMap((config) => (config.dynamic_active_clusters ?? []).map(({ cluster }) => cluster.name)).toSorted(),
  };
}

/** How many of its subscriptions Envoy gave up waiting for, by their statistic. */
async function givenUp(envoy: TestEnvoy): Promise<[name: string, count: number][]> {
  const text = await (await fetch(`http://127.0.0.1:${envoy.adminPort}/stats?filter=init_fetch_timeout`)).text();
  return [...text.matchAll(/^(\S+): (\d+)$/gm)].map(([, name = '', count]) => [name, Number(count)]);
}

describe.each(ENVOY_VERSIONS)('Envoy %s on demand', (version) => {
  it(`of ${SERVICES} services holds those that were asked for, and follows them`, async () => {
    const folder = tempDir();
    const port = await freePort();
    const daemon = await TestDaemon.create({ dataDir: folder.path, listeners: [`127.0.0.1:${port}`], flags: ['--on-demand', '*'] });
    await daemon.start();
    const envoy = await TestEnvoy.create({ bin: await testEnvoy(version), folder: folder.path, nodeId: 'edge-1', xdsPort: daemon.xdsPort });
    const status = async (host: string): Promise<unknown> => {
      const answer = await ask(port, host, undefined, PATIENCE_MS);
      return answer.status === 200 ? answer.body : answer.status;
    };
    const put = async (host: string, upstream: Upstream): Promise<void> => {
      const answer = await daemon.send('PUT', `/api/v1/services/${host}?wait=acked`, { host, endpoints: [`127.0.0.1:${upstream.port}`] });
      expect(answer.ok).toBe(true);
    };
    try {
      const services = Array.from({ length: SERVICES }, (_, i) => ({ host: `s${i}.example.com`, endpoints: [`127.0.0.1:${a.port}`] }));
      expect((await daemon.send('POST', '/api/v1/services', services)).ok).toBe(true);
      envoy.start();
      await envoy.inSync(daemon);
      expect(await held(envoy)).toEqual({ hosts: [], clusters: [] });
      // It was told that there are no hosts yet, and began to serve because of that.
      const waits = await givenUp(envoy);
      expect(waits.map(([name]) => name).filter((name) => name.includes('vhds'))).toHaveLength(1);
      expect(waits.filter(([, count]) => count > 0)).toEqual([]);
      expect(await status('nobody.example.com')).toBe(404);

      const three = ['s1.example.com', 's500.example.com', 's999.example.com'];
      for (const host of three) expect([host, await status(host)]).toEqual([host, 'A']);
      expect(await held(envoy)).toEqual({ hosts: three, clusters: three });
      expect(await daemon.cli('drift', 'edge-1', '--admin', `127.0.0.1:${envoy.adminPort}`)).toMatchObject({ code: 0, stderr: '' });
      expect(await status('s1.example.com:8080')).toBe('A');

      await put('s1.example.com', b);
      expect(await status('s1.example.com')).toBe('B');

      for (let i = 0; i < 3; i++) expect(await status('late.example.com')).toBe(404);
      await put('late.example.com', a);
      expect(await status('late.example.com')).toBe('A');
      await put('new.example.com', b);
      expect(await status('new.example.com')).toBe('B');

      expect((await daemon.send('DELETE', '/api/v1/services/s1.example.com?wait=acked')).ok).toBe(true);
      expect(await status('s1.example.com')).toBe(404);
      expect(await status('s1.example.com')).toBe(404);

      await put('*.wild.test', a);
      await put('exact.wild.test', b);
      expect([await status('any.wild.test'), await status('exact.wild.test'), await status('deep.any.wild.test')]).toEqual(['A', 'B', 'A']);

      await daemon.stop();
      await daemon.start();
      await envoy.inSync(daemon);
      expect([await status('s500.example.com'), await status('s2.example.com')]).toEqual(['A', 'A']);
      expect((await givenUp(envoy)).filter(([, count]) => count > 0)).toEqual([]);
      expect(envoy.alive).toBe(true);
    } finally {
      await envoy.stop();
      await daemon.stop();
      folder.remove();
    }
  });
});
