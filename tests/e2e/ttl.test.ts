import { Agent } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'web.example.com';
const CASES = ENVOY_VERSIONS.flatMap((version) => (['delta', 'sotw'] as const).map((variant) => ({ version, variant })));

const [upstream] = startedUpstreams('A');

/** What is said on a connection of its own: `A`, or that nobody listens. */
async function answer(port: number): Promise<string> {
  return ask(port, HOST, new Agent()).then(
    ({ body }) => body,
    (thrown: NodeJS.ErrnoException) => thrown.code ?? thrown.message,
  );
}

describe.each(CASES)('Envoy $version, $variant, with --xds-ttl', ({ version, variant }) => {
  it('listens while the daemon is heard, not after that, and again as soon as it is back', { timeout: 300_000 }, async () => {
    const folder = tempDir();
    const [port, lastingPort] = [await freePort(), await freePort()];
    const daemon = await TestDaemon.create({
      dataDir: folder.path,
      listeners: [`127.0.0.1:${port}`, `lasting=127.0.0.1:${lastingPort}`],
      flags: ['--xds-ttl', '3'],
    });
    const common = { bin: await testEnvoy(version), folder: folder.path, xdsPort: daemon.xdsPort };
    const envoy = await TestEnvoy.create({ ...common, nodeId: 'edge-1', variant });
    await daemon.start();
    // One that does not declare that it takes a time to live.
    const sotw = variant === 'sotw' ? ['--sotw'] : [];
    const { stdout } = await daemon.cli('bootstrap', '--node-id', 'edge-2', '--group', 'lasting', '--admin-address', '127.0.0.1:12345', ...sotw);
    const bootstrap = stdout.replace('12345', '{ADMIN}').replace(/ {2}client_features:\n(?: {4}- .*\n)+/, '');
    const lasting = await TestEnvoy.create({ ...common, nodeId: 'edge-2', bootstrap });
    try {
      expect((await daemon.send('POST', '/api/v1/services', { host: HOST, endpoints: [`127.0.0.1:${upstream.port}`] })).status).toBe(201);
      expect([stdout.includes('client_features'), bootstrap.includes('client_features')]).toEqual([true, false]);
      envoy.start();
      lasting.start();
      await Promise.all([envoy, lasting].map((each) => each.inSync(daemon)));
      expect([await answer(port), await answer(lastingPort)]).toEqual(['A', 'A']);

      // Seven heartbeats take more than twice the time to live.
      const heard = await envoy.stat('listener_manager.lds.update_success');
      await waitFor('seven heartbeats', async () => (await envoy.stat('listener_manager.lds.update_success')) >= heard + 7);
      expect([await answer(port), await envoy.stat('listener_manager.listener_added'), await envoy.stat('listener_manager.listener_removed')]).toEqual([
        'A',
        1,
        0,
      ]);

      daemon.freeze(true);
      await waitFor('the Envoy to stop listening', async () => (await answer(port)) === 'ECONNREFUSED');
      expect(await answer(lastingPort)).toBe('A');
      daemon.freeze(false);
      await waitFor('the Envoy to listen again', async () => (await answer(port)) === 'A');

      await daemon.stop('SIGKILL');
      await waitFor('the Envoy to stop listening', async () => (await answer(port)) === 'ECONNREFUSED');
      expect(await answer(lastingPort)).toBe('A');
      await daemon.start();
      await waitFor('the Envoy to listen again', async () => (await answer(port)) === 'A');
      expect(await envoy.stat('listener_manager.lds.update_rejected')).toBe(0);
    } finally {
      daemon.freeze(false);
      await envoy.stop();
      await lasting.stop();
      await daemon.stop();
      folder.remove();
    }
  });
});
