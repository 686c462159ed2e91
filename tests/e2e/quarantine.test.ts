import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeList, Quarantine } from '../../src/api/types.ts';
import { type BadObject, badObjects, keyOfBad } from '../support/bad-objects.ts';
import { Edge } from '../support/edge.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask, Load } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import type { TestDaemon } from '../support/program.ts';
import type { TestEnvoy } from '../support/test-envoy.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

/** What passes our own checks and a real Envoy refuses is parked, named with its origin, refused once, and costs no request. */

const HOST = 'web.example.com';
const STATS = ['cluster_manager.cds.update_rejected', 'listener_manager.lds.update_rejected', 'http.http.rds.http.update_rejected'] as const;

let upstream: Upstream;
let other: Server;

beforeAll(async () => {
  upstream = await startUpstream('A');
  other = createServer().listen(0, '127.0.0.1');
  await Promise.all(ENVOY_VERSIONS.map(testEnvoy));
}, ENVOY_INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await upstream.close();
  other.close();
});

const VARIANTS = ENVOY_VERSIONS.flatMap((version) => (['delta', 'sotw'] as const).map((variant) => [version, variant] as const));

describe.each(VARIANTS)('Envoy %s, %s', (version, variant) => {
  let edge: Edge;
  let daemon: TestDaemon;
  let envoy: TestEnvoy;
  let port: number;
  let bad: readonly BadObject[];

  beforeEach(async () => {
    const address = other.address();
    bad = badObjects(await freePort(), typeof address === 'object' && address !== null ? address.port : 0);
    edge = await Edge.start(version, { variant });
    ({ daemon, envoy, port } = edge);
    expect(await daemon.cli('add', HOST, `127.0.0.1:${upstream.port}`)).toMatchObject({ code: 0 });
    await envoy.inSync(daemon);
    await waitFor('it to serve', async () => (await ask(port, HOST).catch(() => undefined))?.status === 200);
  });

  afterEach(async () => {
    await edge.stop();
  });

  const apply = async (...objects: { object: unknown; origin?: string }[]): Promise<void> => {
    const answer = await daemon.send('POST', '/api/v1/apply', { objects });
    expect(answer.status, await answer.clone().text()).toBe(200);
  };
  const quarantined = async () => (await daemon.get<Quarantine>('/api/v1/quarantine')).quarantined;
  const rejected = async (): Promise<number[]> => Promise.all(STATS.map((stat) => envoy.stat(stat)));
  const calm = () => waitFor('nothing to stand refused', async () => (await daemon.get<NodeList>('/api/v1/nodes')).nodes[0]?.state === 'in-sync');

  it('twenty bad objects, one after the other: each refused once and parked, no request lost', async () => {
    const load = new Load(port, HOST, 'A', 4);
    const expected = STATS.map(() => 0);
    for (const [i, each] of bad.entries()) {
      await apply({ object: each.object, origin: `bad.yaml:${i + 1}:1` });
      const entry = await waitFor(`"${each.what}" to be parked`, async () => (await quarantined()).find(({ key }) => key === keyOfBad(each)));
      expect(entry, each.what).toMatchObject({ node: 'edge-1', group: 'default', origin: `bad.yaml:${i + 1}:1`, good: null });
      expect(entry.message, each.what).toMatch(each.words);
      const at = STATS.indexOf(each.stat);
      expected[at] = (expected[at] ?? 0) + 1;
      await calm();
      expect(await rejected(), each.what).toEqual(expected);
    }
    expect(bad.length).toBeGreaterThanOrEqual(20);
    // The good ones go on, and nothing of the bad comes again.
    await apply({ object: { kind: 'Service', id: 'late', host: 'late.example.com', endpoints: [`127.0.0.1:${upstream.port}`] } });
    await waitFor('a good one', async () => (await ask(port, 'late.example.com').catch(() => undefined))?.status === 200);
    await calm();
    await load.stop();
    expect([load.failures, await rejected()]).toEqual([[], expected]);
    expect(await quarantined()).toHaveLength(bad.length);
  });

  it('three at once among good ones; the daemon restarts; what is mended is taken', async () => {
    const load = new Load(port, HOST, 'A', 4);
    const three = [bad[1], bad[2], bad[13]].filter((each) => each !== undefined);
    const good = Array.from({ length: 100 }, (_, i) => ({
      object: { kind: 'Service', id: `good-${i}`, host: `good-${i}.example.com`, endpoints: [`127.0.0.1:${upstream.port}`] },
    }));
    await apply(...three.map(({ object }) => ({ object })), ...good);
    await waitFor('them to be parked', async () => (await quarantined()).length === 3);
    for (const i of [0, 99]) await waitFor('the good ones', async () => (await ask(port, `good-${i}.example.com`).catch(() => undefined))?.status === 200);
    await calm();
    expect(await rejected()).toEqual([1, 1, 0]);
    await daemon.stop('SIGKILL');
    await daemon.start();
    await envoy.inSync(daemon);
    await apply({ object: { kind: 'Service', id: 'late', host: 'late.example.com', endpoints: [`127.0.0.1:${upstream.port}`] } });
    await waitFor('a good one', async () => (await ask(port, 'late.example.com').catch(() => undefined))?.status === 200);
    await calm();
    expect([await rejected(), (await quarantined()).map(({ key }) => key).toSorted()]).toEqual([[1, 1, 0], three.map(keyOfBad).toSorted()]);
    const { object } = three[1] as BadObject;
    const mended = { ...object, resource: { type: 'STATIC', connectTimeout: '1s' } };
    await apply({ object: mended });
    await waitFor('it to be parked no more', async () => (await quarantined()).length === 2);
    await waitFor('Envoy to have it', async () => (await envoy.clusters()).includes(object.name));
    await load.stop();
    expect([load.failures, await rejected()]).toEqual([[], [1, 1, 0]]);
  });
});
