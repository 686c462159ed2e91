import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeList } from '../../src/api/types.ts';
import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask, Load } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startedUpstreams, type Upstream } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'web.example.com';
const CASES = [
  { version: ENVOY_VERSIONS[0], variant: 'sotw' },
  { version: ENVOY_VERSIONS[1], variant: 'delta' },
] as const;

const [a, b] = startedUpstreams('A', 'B');

async function isConnected(daemon: TestDaemon): Promise<boolean> {
  const { nodes } = await daemon.get<NodeList>('/api/v1/nodes');
  return nodes.some(({ state }) => state === 'in-sync');
}

async function switchTo(daemon: TestDaemon, load: Load, { name, port }: Upstream): Promise<void> {
  load.switching(name);
  const ran = await daemon.cli('switch', HOST, `127.0.0.1:${port}`);
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('live on 1 of 1 Envoy') as unknown });
  load.switched();
}

describe.each(CASES)('Envoy $version, $variant, with two daemons that serve the same', ({ version, variant }) => {
  it('goes over to the second when the first is gone, comes back when the second is, and loses no request', { timeout: 300_000 }, async () => {
    const folder = tempDir();
    const port = await freePort();
    const [first, second] = [
      await TestDaemon.create({ dataDir: `${folder.path}/first`, listeners: [`127.0.0.1:${port}`] }),
      await TestDaemon.create({ dataDir: `${folder.path}/second`, listeners: [`127.0.0.1:${port}`] }),
    ];
    const envoy = await TestEnvoy.create({
      bin: await testEnvoy(version),
      folder: folder.path,
      nodeId: 'edge-1',
      xdsPort: first.xdsPort,
      xdsOtherPorts: [second.xdsPort],
      variant,
    });
    let load: Load | undefined;
    try {
      const start = async (daemon: TestDaemon): Promise<void> => {
        await daemon.start();
        expect((await daemon.send('POST', '/api/v1/services', { host: HOST, endpoints: [`127.0.0.1:${a.port}`] })).status).toBe(201);
      };
      await start(first);
      envoy.start();
      // The second is not there yet: a machine so busy that the first dial fails would have the Envoy begin, and stay, with it.
      await envoy.inSync(first);
      await start(second);
      expect(await isConnected(second)).toBe(false);
      expect(await ask(port, HOST)).toEqual({ status: 200, body: 'A' });
      load = new Load(port, HOST, 'A', 4);

      // A stream that the daemon ends so that the Envoy comes back is not one that failed.
      for (const args of [
        ['edge-1', 'lab'],
        ['edge-1', '--undo'],
      ])
        expect(await first.cli('move', ...args)).toMatchObject({ code: 0 });
      expect((await second.get<NodeList>('/api/v1/nodes')).nodes).toEqual([]);

      const taken = await envoy.stat('cluster_manager.cluster_added');
      await first.stop('SIGKILL');
      await waitFor('the Envoy to come to the second daemon', () => isConnected(second));
      // What both serve is not taken a second time.
      expect(await envoy.stat('cluster_manager.cluster_added')).toBe(taken);
      await switchTo(second, load, b);
      expect(await ask(port, HOST)).toEqual({ status: 200, body: 'B' });

      // It stays where it is when the first one is back, and goes there when the second one leaves in its turn.
      await first.start();
      expect((await first.send('PATCH', `/api/v1/services/${HOST}`, { endpoints: [`127.0.0.1:${b.port}`] })).status).toBe(200);
      expect(await isConnected(second)).toBe(true);
      await second.stop();
      await waitFor('the Envoy to come back to the first daemon', () => isConnected(first));
      await switchTo(first, load, a);
      expect(await ask(port, HOST)).toEqual({ status: 200, body: 'A' });

      await load.stop();
      expect(load.failures).toEqual([]);
    } finally {
      await load?.stop();
      await envoy.stop();
      await first.stop();
      await second.stop();
      folder.remove();
    }
  });

  it('does so over TLS, by name and by address', { timeout: 300_000 }, async () => {
    const folder = tempDir();
    const port = await freePort();
    const [cert, key] = [join(folder.path, 'xds.crt'), join(folder.path, 'xds.key')];
    writeFileSync(cert, CERTIFICATE);
    writeFileSync(key, KEY, { mode: 0o600 });
    const secondPort = await freePort();
    const firstPort = await freePort();
    const advertised = ['--xds-advertise', `localhost:${firstPort}`, '--xds-advertise', `127.0.0.1:${secondPort}`];
    const flags = ['--xds-tls-cert', cert, '--xds-tls-key', key, ...advertised];
    const start = async (name: string, xdsPort: number): Promise<TestDaemon> => {
      const daemon = await TestDaemon.create({ dataDir: join(folder.path, name), xdsPort, listeners: [`127.0.0.1:${port}`], flags });
      await daemon.start();
      return daemon;
    };
    const [first, second] = [await start('first', firstPort), await start('second', secondPort)];
    const args = ['--node-id', 'edge-1', '--xds-ca', cert, '--admin-address', '127.0.0.1:12345', ...(variant === 'sotw' ? ['--sotw'] : [])];
    const { code, stdout, stderr } = await first.cli('bootstrap', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const bootstrap = stdout.replace('12345', '{ADMIN}');
    const envoy = await TestEnvoy.create({ bin: await testEnvoy(version), folder: folder.path, nodeId: 'edge-1', xdsPort: firstPort, bootstrap });
    try {
      envoy.start();
      // On a machine that is busy the first handshake may take longer than Envoy waits, and then it begins with the second.
      const inUse = await waitFor('the Envoy to come to a daemon', async () => ((await isConnected(first)) ? first : (await isConnected(second)) && second));
      await inUse.stop('SIGKILL');
      const other = inUse === first ? second : first;
      await waitFor('the Envoy to come to the other daemon', () => isConnected(other));
    } finally {
      await envoy.stop();
      await first.stop();
      await second.stop();
      folder.remove();
    }
  });

  it('finds whichever is there first, where none was', { timeout: 300_000 }, async () => {
    const folder = tempDir();
    const port = await freePort();
    const absent = await freePort();
    const daemon = await TestDaemon.create({ dataDir: folder.path, listeners: [`127.0.0.1:${port}`] });
    const envoy = await TestEnvoy.create({
      bin: await testEnvoy(version),
      folder: folder.path,
      nodeId: 'edge-1',
      xdsPort: absent,
      xdsOtherPorts: [daemon.xdsPort],
      variant,
    });
    try {
      envoy.start();
      await waitFor('the Envoy to have tried both in vain', async () => {
        const failures = await envoy.stat('cluster.xds_cluster.upstream_cx_connect_fail').catch(() => 0);
        return failures >= 2;
      });
      await daemon.start();
      await envoy.inSync(daemon);
    } finally {
      await envoy.stop();
      await daemon.stop();
      folder.remove();
    }
  });
});
