import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeGroup, NodeList } from '../../src/api/types.ts';
import { ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask, Load } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

/** An even number, so that it ends where it began. */
const MOVES = 20;

const CASES = ENVOY_VERSIONS.flatMap((version) => (['delta', 'sotw'] as const).map((variant) => ({ version, variant })));

const [a, b] = startedUpstreams('A', 'B');

/**
 * What each group holds. Both serve shared.example.com, the same way; and both serve twin.example.com, each by a cluster of
 * its own, so that the old one must not go before the new one is in use.
 */
const services = () => [
  { host: 'shared.example.com', endpoints: [`127.0.0.1:${a.port}`] },
  { id: 'twin-old', host: 'twin.example.com', endpoints: [`127.0.0.1:${a.port}`], groups: ['old'] },
  { id: 'twin-new', host: 'twin.example.com', endpoints: [`web-b.localhost:${b.port}`], groups: ['new'] },
  { host: 'old.example.com', endpoints: [`127.0.0.1:${a.port}`], groups: ['old'] },
  { host: 'new.example.com', endpoints: [`127.0.0.1:${b.port}`], groups: ['new'] },
];

const CLUSTERS = {
  old: ['old.example.com', 'shared.example.com', 'twin-old'],
  new: ['new.example.com', 'shared.example.com', 'twin-new'],
};

describe.each(CASES)('Envoy $version, $variant', ({ version, variant }) => {
  it(`loses no request in ${MOVES} moves, and holds what its group does after each`, { timeout: 600_000 }, async () => {
    const folder = tempDir();
    const port = await freePort();
    const daemon = await TestDaemon.create({ dataDir: folder.path, listeners: [`127.0.0.1:${port}`] });
    await daemon.start();
    const envoy = await TestEnvoy.create({
      bin: await testEnvoy(version),
      folder: folder.path,
      nodeId: 'edge-1',
      group: 'old',
      xdsPort: daemon.xdsPort,
      variant,
    });
    envoy.start();
    const loads: Load[] = [];
    try {
      expect((await daemon.send('POST', '/api/v1/services', services())).status).toBe(201);
      await envoy.inSync(daemon);
      const shared = new Load(port, 'shared.example.com', 'A', 4);
      const twin = new Load(port, 'twin.example.com', 'A', 4);
      loads.push(shared, twin);
      const listeners = await envoy.stat('listener_manager.listener_create_success');

      for (let i = 1; i <= MOVES; i++) {
        const [here, gone] = i % 2 === 1 ? (['new', 'old'] as const) : (['old', 'new'] as const);
        const upstream = here === 'new' ? 'B' : 'A';
        twin.switching(upstream);
        const { code, stdout, stderr } = await (here === 'new' ? daemon.cli('move', 'edge-1', 'new') : daemon.cli('move', 'edge-1', '--undo'));
        expect({ code, stdout, stderr }).toEqual({
          code: 0,
          stdout: expect.stringMatching(
            here === 'new' ? /^edge-1 → group new, live in [\d.]+ m?s\n$/ : /^edge-1 → group old \(by its node\.cluster\), live in [\d.]+ m?s\n$/,
          ) as unknown,
          stderr: '',
        });
        twin.switched();
        expect(await envoy.clusters()).toEqual(CLUSTERS[here]);
        expect(await ask(port, `${here}.example.com`)).toEqual({ status: 200, body: upstream });
        expect((await ask(port, `${gone}.example.com`)).status).toBe(404);
      }

      for (const load of loads) {
        await load.stop();
        expect(load.failures).toEqual([]);
        expect(load.requests).toBeGreaterThan(MOVES);
      }
      expect(envoy.alive).toBe(true);
      expect(await envoy.stat('listener_manager.listener_create_success')).toBe(listeners);
      expect(await envoy.stat('cluster_manager.cds.update_rejected')).toBe(0);
      expect(await envoy.stat('listener_manager.lds.update_rejected')).toBe(0);
    } finally {
      for (const load of loads) await load.stop();
      await envoy.stop();
      await daemon.stop();
      folder.remove();
    }
  });
});

/** One without ADS, of group `old`, with a rule of the daemon that its metadata meets. */
function separateBootstrap(variant: 'delta' | 'sotw'): string {
  const text = readFileSync(resolve(import.meta.dirname, '../../envoy/bootstrap-separate.yaml'), 'utf8')
    .replace('address: envoyage', 'address: 127.0.0.1')
    .replace('port_value: 9090', 'port_value: {XDS}')
    .replace('port_value: 9901', 'port_value: {ADMIN}')
    .replace('cluster: default', 'cluster: whatever\n  metadata:\n    labels: {stage: old}')
    .replace('id: envoy-1', 'id: edge-1');
  return variant === 'sotw' ? text : text.replaceAll('api_type: GRPC', 'api_type: DELTA_GRPC');
}

describe.each(['delta', 'sotw'] as const)('an Envoy with a stream for each type, %s, in a group by its metadata', (variant) => {
  it('is moved with all of them, and back', { timeout: 300_000 }, async () => {
    const folder = tempDir();
    const port = await freePort();
    const flags = ['--group-rule', 'old=metadata:labels.stage=old'];
    const daemon = await TestDaemon.create({ dataDir: folder.path, listeners: [`127.0.0.1:${port}`], flags });
    await daemon.start();
    const envoy = await TestEnvoy.create({
      bin: await testEnvoy('1.36.2'),
      folder: folder.path,
      nodeId: 'edge-1',
      xdsPort: daemon.xdsPort,
      bootstrap: separateBootstrap(variant),
    });
    envoy.start();
    try {
      expect((await daemon.send('POST', '/api/v1/services', services())).status).toBe(201);
      await envoy.inSync(daemon);
      for (const [group, upstream] of [
        ['new', 'B'],
        ['old', 'A'],
      ] as const) {
        const ran = await daemon.cli('move', 'edge-1', ...(group === 'new' ? ['new'] : ['--undo']));
        expect([ran.code, ran.stdout]).toEqual([
          0,
          expect.stringMatching(group === 'new' ? /^edge-1 → group new, live/ : /^edge-1 → group old \(by the rule old=metadata:labels\.stage=old\), live/),
        ]);
        expect(await envoy.clusters()).toEqual(CLUSTERS[group]);
        // Envoy has taken the clusters by then, but not yet resolved every name in them.
        await waitFor(`${upstream} to answer`, async () => (await ask(port, 'twin.example.com')).body === upstream);
        expect(await ask(port, 'shared.example.com')).toEqual({ status: 200, body: 'A' });
      }
    } finally {
      await envoy.stop();
      await daemon.stop();
      folder.remove();
    }
  });
});

describe.each(ENVOY_VERSIONS)('Envoy %s, into a group that listens elsewhere', (version) => {
  it('listens there, and no longer where it did', { timeout: 300_000 }, async () => {
    const folder = tempDir();
    const [port, newPort] = [await freePort(), await freePort()];
    const daemon = await TestDaemon.create({ dataDir: folder.path, listeners: [`127.0.0.1:${port}`, `new=127.0.0.1:${newPort}`] });
    await daemon.start();
    const envoy = await TestEnvoy.create({ bin: await testEnvoy(version), folder: folder.path, nodeId: 'edge-1', group: 'old', xdsPort: daemon.xdsPort });
    envoy.start();
    try {
      expect((await daemon.send('POST', '/api/v1/services', services())).status).toBe(201);
      await envoy.inSync(daemon);
      for (const [args, there, gone, body] of [
        [['new'], newPort, port, 'B'],
        [['--undo'], port, newPort, 'A'],
      ] as const) {
        expect(await daemon.cli('move', 'edge-1', ...args)).toMatchObject({ code: 0 });
        expect(await ask(there, 'twin.example.com')).toEqual({ status: 200, body });
        // Envoy closes the old socket after it has taken the new one; what was connected before goes on for a while.
        await waitFor('the old port to be closed', () =>
          ask(gone, 'twin.example.com', new Agent()).then(
            () => false,
            (thrown: unknown) => String(thrown).includes('ECONNREFUSED'),
          ),
        );
      }
    } finally {
      await envoy.stop();
      await daemon.stop();
      folder.remove();
    }
  });
});

describe('a move', () => {
  it('outlives the daemon, and a new Envoy of that name', { timeout: 300_000 }, async () => {
    const folder = tempDir();
    const port = await freePort();
    const daemon = await TestDaemon.create({ dataDir: folder.path, listeners: [`127.0.0.1:${port}`] });
    await daemon.start();
    const envoy = await TestEnvoy.create({ bin: await testEnvoy('1.40.0'), folder: folder.path, nodeId: 'edge-1', group: 'old', xdsPort: daemon.xdsPort });
    envoy.start();
    try {
      expect((await daemon.send('POST', '/api/v1/services', services())).status).toBe(201);
      await envoy.inSync(daemon);
      expect(await daemon.cli('move', 'edge-1', 'new')).toMatchObject({ code: 0 });

      await daemon.stop();
      await daemon.start();
      expect((await daemon.get<NodeList>('/api/v1/nodes')).moved).toMatchObject([{ node: 'edge-1', group: 'new' }]);
      await envoy.inSync(daemon);
      expect(await envoy.clusters()).toEqual(CLUSTERS.new);
      expect(await ask(port, 'twin.example.com')).toEqual({ status: 200, body: 'B' });

      await envoy.stop();
      envoy.start();
      await envoy.inSync(daemon);
      expect(await envoy.clusters()).toEqual(CLUSTERS.new);
      expect((await daemon.cli('status')).stdout).toMatch(/^ {2}edge-1 +new \(moved\) +1\.40\.0 +in sync$/m);

      const undone = await daemon.send('DELETE', '/api/v1/nodes/edge-1/group?wait=acked&timeout=60');
      expect((await undone.json()) as NodeGroup).toMatchObject({ group: 'old', placement: { from: 'cluster' }, rollout: { state: 'live', acked: 1 } });
      expect(await envoy.clusters()).toEqual(CLUSTERS.old);
    } finally {
      await envoy.stop();
      await daemon.stop();
      folder.remove();
    }
  });
});
