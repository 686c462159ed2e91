import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeList, ServiceList } from '../../src/api/types.ts';
import type { Problem } from '../../src/lib/problem.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask, Load } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { startSlowLink } from '../support/slow-link.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'web.example.com';
describe('with a real Envoy', () => {
  let bin: string;
  let folder: ReturnType<typeof tempDir>;
  let a: Upstream;
  let b: Upstream;
  let daemon: TestDaemon;
  let port: number;
  const closers: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    bin = await testEnvoy(ENVOY_VERSIONS[1]);
  }, ENVOY_INSTALL_TIMEOUT_MS);

  beforeEach(async () => {
    folder = tempDir();
    a = await startUpstream('A');
    b = await startUpstream('B');
    port = await freePort();
    closers.push(
      () => folder.remove(),
      () => a.close(),
      () => b.close(),
    );
  });

  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  const begin = async (dataDir: string): Promise<void> => {
    daemon = await TestDaemon.create({ dataDir, listeners: [`127.0.0.1:${port}`] });
    await daemon.start();
    closers.push(async () => void (await daemon.stop()));
  };
  const envoy = async (nodeId: string, xdsPort: number): Promise<TestEnvoy> => {
    const made = await TestEnvoy.create({ bin, folder: folder.path, nodeId, xdsPort });
    made.start();
    closers.push(() => made.stop());
    return made;
  };
  const write = (id: string, endpoints: readonly string[]): Promise<Response> =>
    fetch(`${daemon.url}/api/v1/services/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ host: id, endpoints }),
    });

  it('a full disk refuses changes and says so, loses nothing, and takes them again as soon as there is room', { timeout: 300_000 }, async () => {
    const disk = `${folder.path}/disk`;
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
    closers.push(() => void execFileSync('umount', [disk]));
    await begin(`${disk}/data`);
    const edge = await envoy('edge-1', daemon.xdsPort);
    expect(await daemon.cli('add', HOST, `127.0.0.1:${a.port}`)).toMatchObject({ code: 0 });
    await edge.inSync(daemon);
    const load = new Load(port, HOST, 'A', 2);
    const room = (): number => statfsSync(disk).bavail * statfsSync(disk).bsize;
    writeFileSync(`${disk}/ballast`, Buffer.alloc(room()));

    // The log may have room for a few more; then there is none.
    let refused: Response | undefined;
    let confirmed = 0;
    for (let i = 0; i < 2000 && refused === undefined; i++) {
      const answer = await write(
        `s${i}.example.com`,
        Array.from({ length: 100 }, (_, k) => `10.0.0.1:${k + 1}`),
      );
      if (answer.ok) confirmed++;
      else refused = answer;
    }
    expect(refused?.status).toBe(503);
    expect(await refused?.json()).toMatchObject({ code: 'store-failed', detail: expect.stringContaining('full'), hint: expect.any(String) } satisfies Partial<
      Record<keyof Problem, unknown>
    >);
    expect((await daemon.get<ServiceList>('/api/v1/services')).services).toHaveLength(1 + confirmed);
    expect(await ask(port, HOST)).toEqual({ status: 200, body: 'A' });
    expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200);

    rmSync(`${disk}/ballast`);
    load.switching('B');
    expect(await daemon.cli('switch', HOST, `127.0.0.1:${b.port}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('live on 1 of 1') });
    load.switched();
    expect(await ask(port, HOST)).toEqual({ status: 200, body: 'B' });
    await load.stop();
    expect(load.failures).toEqual([]);

    // What was confirmed is there after a kill, and nothing else.
    await daemon.stop('SIGKILL');
    await daemon.start();
    expect((await daemon.get<ServiceList>('/api/v1/services')).services).toHaveLength(1 + confirmed);
  });

  it('an Envoy on a slow link is behind and said to be, holds up no other, and skips to the newest', { timeout: 300_000 }, async () => {
    await begin(`${folder.path}/data`);
    const slow = await startSlowLink(daemon.xdsPort, Number.POSITIVE_INFINITY);
    closers.push(() => slow.close());
    const fast = await envoy('fast', daemon.xdsPort);
    // On the same port of another address.
    const behind = await TestEnvoy.create({ bin, folder: folder.path, nodeId: 'slow', group: 'far', xdsPort: slow.port });
    const far = await freePort();
    await daemon.stop();
    daemon = await TestDaemon.create({
      dataDir: `${folder.path}/data`,
      httpPort: daemon.httpPort,
      xdsPort: daemon.xdsPort,
      listeners: [`127.0.0.1:${port}`, `far=127.0.0.1:${far}`],
    });
    await daemon.start();
    behind.start();
    closers.push(() => behind.stop());
    expect(await daemon.cli('add', HOST, `127.0.0.1:${a.port}`)).toMatchObject({ code: 0 });
    for (const each of [fast, behind]) await each.inSync(daemon);

    // Some 400 kB for each Envoy: half a minute and more of such a link.
    slow.speed(10_000);
    const services = Array.from({ length: 1000 }, (_, i) => ({ host: `s${i}.example.com`, endpoints: [`10.0.0.1:${i + 1}`] }));
    const added = await fetch(`${daemon.url}/api/v1/services`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(services),
    });
    expect(added.status).toBe(201);
    const states = async (): Promise<Record<string, string>> =>
      Object.fromEntries((await daemon.get<NodeList>('/api/v1/nodes')).nodes.map(({ id, state }) => [id, state]));
    const caughtUp = (id: string): Promise<true> => waitFor(`${id} to be in sync`, async () => ((await states())[id] === 'in-sync' ? true : undefined));
    await caughtUp('fast');
    for (let i = 0; i < 5; i++) {
      expect((await write('s0.example.com', [`10.0.0.2:${i + 1}`])).status).toBe(200);
      await caughtUp('fast');
    }
    expect((await write(HOST, [`127.0.0.1:${b.port}`])).status).toBe(200);
    await caughtUp('fast');
    expect(await ask(port, HOST)).toEqual({ status: 200, body: 'B' });
    expect(await states()).toEqual({ fast: 'in-sync', slow: 'behind' });
    expect(await ask(far, HOST)).toEqual({ status: 200, body: 'A' });
    expect(await daemon.cli('status')).toMatchObject({ stdout: expect.stringMatching(/slow.*behind|behind.*slow/s) });

    slow.speed(Number.POSITIVE_INFINITY);
    await caughtUp('slow');
    expect(await ask(far, HOST)).toEqual({ status: 200, body: 'B' });
    const { nodes } = await daemon.get<NodeList>('/api/v1/nodes');
    const eds = (id: string): number => nodes.find((node) => node.id === id)?.types.find(({ type }) => type === 'eds')?.sent ?? 0;
    expect(eds('slow')).toBeLessThan(eds('fast'));
  });
});
