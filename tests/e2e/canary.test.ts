import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeList, Quarantine } from '../../src/api/types.ts';
import { type BadObject, badObjects, keyOfBad } from '../support/bad-objects.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

/** Two real Envoys, of which the first gets changes first: what it refuses the second never sees, and it is waited for, but not for ever. */

const HOST = 'web.example.com';
const TYPES = ['cluster_manager.cds', 'listener_manager.lds', 'http.http.rds.http'];

let a: Upstream;
let b: Upstream;
let taken: Server;

beforeAll(async () => {
  a = await startUpstream('A');
  b = await startUpstream('B');
  taken = createServer().listen(0, '127.0.0.1');
  await Promise.all(ENVOY_VERSIONS.map(testEnvoy));
}, ENVOY_INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await a.close();
  await b.close();
  taken.close();
});

const VARIANTS = ENVOY_VERSIONS.flatMap((version) => (['delta', 'sotw'] as const).map((variant) => [version, variant] as const));

describe.each(VARIANTS)('Envoy %s, %s', (version, variant) => {
  let folder: ReturnType<typeof tempDir>;
  let daemon: TestDaemon;
  let first: TestEnvoy;
  let second: TestEnvoy;
  let bad: readonly BadObject[];

  beforeEach(async () => {
    folder = tempDir();
    const address = taken.address();
    bad = badObjects(await freePort(), typeof address === 'object' && address !== null ? address.port : 0);
    const flags = ['--canary', '1', '--canary-timeout', '2'];
    daemon = await TestDaemon.create({ dataDir: `${folder.path}/data`, listeners: [`127.0.0.1:${await freePort()}`], flags });
    await daemon.start();
    expect(await daemon.cli('add', HOST, `127.0.0.1:${a.port}`)).toMatchObject({ code: 0 });
    const start = async (nodeId: string): Promise<TestEnvoy> => {
      const envoy = await TestEnvoy.create({ bin: await testEnvoy(version), folder: folder.path, nodeId, xdsPort: daemon.xdsPort, variant });
      envoy.start();
      await envoy.inSync(daemon);
      return envoy;
    };
    first = await start('edge-1');
    second = await start('edge-2');
  });

  afterEach(async () => {
    await first.stop();
    await second.stop();
    await daemon.stop();
    folder.remove();
  });

  const state = async () => daemon.get<Quarantine>('/api/v1/quarantine');
  const stats = (envoy: TestEnvoy, what: string): Promise<number[]> => Promise.all(TYPES.map((type) => envoy.stat(`${type}.${what}`)));
  const inSync = (...ids: string[]) =>
    waitFor(`${ids.join(' and ')} to be in sync`, async () => {
      const { nodes } = await daemon.get<NodeList>('/api/v1/nodes');
      return ids.every((id) => nodes.some((node) => node.id === id && node.state === 'in-sync'));
    });
  /** Whether the endpoint is what it has of the service. */
  const has = async (envoy: TestEnvoy, endpoint: string): Promise<boolean> =>
    (await (await fetch(`http://127.0.0.1:${envoy.adminPort}/clusters`)).text()).includes(`${HOST}::${endpoint}::`);

  it('a change that the first refuses never reaches the second, which goes on getting all others', async () => {
    const before = { attempts: await stats(second, 'update_attempt'), versions: await stats(second, 'version') };
    const three = [bad[0], bad[1], bad[16]].filter((each) => each !== undefined);
    const expected = TYPES.map(() => 0);
    for (const [i, each] of three.entries()) {
      const answer = await daemon.send('POST', '/api/v1/apply', { objects: [{ object: each.object }] });
      expect(answer.status, await answer.clone().text()).toBe(200);
      await waitFor(`"${each.what}" to be parked`, async () => (await state()).quarantined.length === i + 1);
      const at = TYPES.findIndex((type) => each.stat.startsWith(type));
      expected[at] = (expected[at] ?? 0) + 1;
      await inSync('edge-1', 'edge-2');
      expect(await stats(first, 'update_rejected'), each.what).toEqual(expected);
    }
    expect(expected).toEqual([1, 1, 1]);
    expect((await state()).quarantined.map(({ key, node }) => [key, node])).toEqual(three.map((each) => [keyOfBad(each), 'edge-1']));
    expect({ attempts: await stats(second, 'update_attempt'), versions: await stats(second, 'version') }).toEqual(before);
    // One that is good goes on to it; the bad ones are not with it.
    const good = await daemon.send('PUT', '/api/v1/services/late.example.com?wait=acked', {
      host: 'late.example.com',
      endpoints: [`127.0.0.1:${b.port}`],
    });
    expect(await good.json()).toMatchObject({ rollout: { state: 'live', nodes: 2, acked: 2 } });
    for (const envoy of [first, second]) expect(await envoy.clusters()).toEqual(['late.example.com', HOST]);
    expect([await stats(first, 'update_rejected'), await stats(second, 'update_rejected')]).toEqual([expected, [0, 0, 0]]);
  });

  it('a first one that hangs does not hold the second beyond the limit, is named in status, and catches up', async () => {
    first.freeze(true);
    const changed = await daemon.send('PATCH', `/api/v1/services/${HOST}`, { endpoints: [`127.0.0.1:${b.port}`] });
    expect(changed.status).toBe(200);
    await waitFor('the second to have it', () => has(second, `127.0.0.1:${b.port}`));
    const { code, stdout } = await daemon.cli('status');
    expect({ code, stdout: stdout.replaceAll(/\s+/g, ' ') }).toEqual({
      code: 0,
      stdout: expect.stringContaining('edge-1, the canary of group default, did not answer in time, the others go on without it'),
    });
    expect((await state()).canaries).toMatchObject([{ group: 'default', waiting: 0, nodes: [{ id: 'edge-1', state: 'stalled' }] }]);
    first.freeze(false);
    await waitFor('the first to have it', () => has(first, `127.0.0.1:${b.port}`));
    await inSync('edge-1', 'edge-2');
    expect((await daemon.cli('status')).stdout).not.toContain('canary');
  });
});
