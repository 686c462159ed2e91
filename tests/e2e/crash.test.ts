import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeList, ServiceList, WrittenService } from '../../src/api/types.ts';
import { Edge } from '../support/edge.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask, Load } from '../support/load.ts';
import type { TestDaemon } from '../support/program.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const STABLE = 'stable.example.com';
const CLIENTS = 8;
const WRITES = 1000;
/** The daemon is killed once so many writes were confirmed. */
const CONFIRMED = 400;

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream('stable');
  await Promise.all(ENVOY_VERSIONS.map(testEnvoy));
}, ENVOY_INSTALL_TIMEOUT_MS);

afterAll(() => upstream.close());

/** What a client was told about one of its hosts last: a revision it is at, or that it is gone. Undefined: an answer never came. */
type Confirmed = Map<string, { readonly endpoint: string; readonly revision: number } | 'gone' | undefined>;

/** Creates, changes and removes hosts of its own, one request after the other, until the daemon is gone or all is written. */
async function write(daemon: TestDaemon, client: number, writes: number, onConfirmed: () => void): Promise<Confirmed> {
  const confirmed: Confirmed = new Map();
  for (let i = 0; i < writes; i++) {
    const host = `h${Math.floor(i / 3)}.c${client}.example.com`;
    const step = i % 3;
    const endpoint = `10.${client}.${step}.${i % 250}:80`;
    confirmed.set(host, step === 0 ? undefined : confirmed.get(host));
    const before = confirmed.get(host);
    confirmed.set(host, undefined);
    try {
      const response =
        step === 0
          ? await daemon.send('POST', '/api/v1/services', { host, endpoints: [endpoint] })
          : step === 1
            ? await daemon.send('PATCH', `/api/v1/services/${host}`, { endpoints: [endpoint] })
            : await daemon.send('DELETE', `/api/v1/services/${host}`);
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`, { cause: before });
      const { revision } = (await response.json()) as WrittenService;
      confirmed.set(host, step === 2 ? 'gone' : { endpoint, revision });
      onConfirmed();
    } catch (thrown) {
      if (thrown instanceof Error && /^\d/.test(thrown.message)) throw thrown;
      return confirmed;
    }
  }
  return confirmed;
}

const CASES = ENVOY_VERSIONS.flatMap((version) => (['sotw', 'delta'] as const).map((variant) => ({ version, variant })));

describe.each(CASES)('Envoy $version, $variant', ({ version, variant }) => {
  it('kill -9 in the middle of 1,000 writes loses no confirmed one, no route, and sends nothing unchanged', async () => {
    const edge = await Edge.start(version, { variant });
    const { daemon, envoy, port } = edge;
    let load: Load | undefined;
    try {
      expect(await daemon.cli('add', STABLE, `127.0.0.1:${upstream.port}`)).toMatchObject({ code: 0 });
      load = new Load(port, STABLE, 'stable', 4);

      let count = 0;
      const { promise: enough, resolve } = Promise.withResolvers<void>();
      const clients = Array.from({ length: CLIENTS }, (_, client) =>
        write(daemon, client, WRITES / CLIENTS, () => {
          count++;
          if (count === CONFIRMED) resolve();
        }),
      );
      await enough;
      await daemon.stop('SIGKILL');
      const confirmed = await Promise.all(clients);
      expect(count).toBeGreaterThanOrEqual(CONFIRMED);
      expect(count).toBeLessThan(WRITES);

      const logged = envoy.log.length;
      await daemon.start();
      const { services } = await daemon.get<ServiceList>('/api/v1/services');
      const stored = new Map(services.map((service) => [service.id, service]));
      let checked = 0;
      for (const [host, last] of confirmed.flatMap((of) => [...of])) {
        // The last write of each client may or may not have made it; nobody was told.
        if (last === undefined) continue;
        checked++;
        const now = stored.get(host);
        if (last === 'gone') expect(now, host).toBeUndefined();
        else expect(now, host).toMatchObject({ endpoints: [last.endpoint], revision: last.revision });
      }
      expect(checked).toBeGreaterThan(CONFIRMED / 3 - CLIENTS);

      await envoy.inSync(daemon);
      // Envoy counts the clusters of an update that it has already, in the same form.
      const skipped = [...envoy.log.slice(logged).matchAll(/skipped (\d+) unmodified/g)].map(([, n]) => Number(n));
      if (variant === 'delta') expect(skipped.filter((n) => n > 0)).toEqual([]);

      // In sync is who has all that it has asked for yet, and an Envoy that comes back asks by and by. A change that is live has passed it all.
      expect(await daemon.cli('add', 'last.example.com', `127.0.0.1:${upstream.port}`)).toMatchObject({ code: 0 });

      // Nothing happens meanwhile, so the next start has nothing to say at all.
      await daemon.stop('SIGKILL');
      await daemon.start();
      await envoy.inSync(daemon);
      const { nodes } = await daemon.get<NodeList>('/api/v1/nodes');
      expect(nodes.map(({ id, state, types }) => ({ id, state, sent: types.map(({ sent }) => sent) }))).toEqual([{ id: 'edge-1', state: 'in-sync', sent: [] }]);

      await load.stop();
      expect(load.failures).toEqual([]);
      expect(load.requests).toBeGreaterThan(50);
      expect(await ask(port, STABLE)).toEqual({ status: 200, body: 'stable' });
      await daemon.stop();
      const database = new Database(join(edge.folder, 'data', 'envoyage.db'));
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
    } finally {
      await load?.stop();
      await edge.stop();
    }
  });
});
