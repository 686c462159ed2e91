import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENVOY_INSTALL_TIMEOUT_MS, testEnvoy } from '../support/envoys.ts';
import { ask } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { type Ran, run, TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const [a, b] = startedUpstreams('A', 'B');

describe('the example of a push', () => {
  const folder = tempDir();
  let daemon: TestDaemon;
  let envoy: TestEnvoy;
  let port: number;

  const publish = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
    run('sh', [resolve(import.meta.dirname, '../../examples/push/publish.sh'), ...args], { ...daemon.env, ...env });
  const answers = async (host: string): Promise<string> => {
    const { status, body } = await ask(port, host);
    return status === 200 ? body.trim() : String(status);
  };

  beforeAll(async () => {
    port = await freePort();
    daemon = await TestDaemon.create({ dataDir: join(folder.path, 'data'), listeners: [`127.0.0.1:${port}`] });
    await daemon.start();
    envoy = await TestEnvoy.create({ bin: await testEnvoy('1.40.0'), folder: folder.path, nodeId: 'edge-1', xdsPort: daemon.xdsPort });
    envoy.start();
    await envoy.inSync(daemon);
  }, ENVOY_INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await envoy?.stop();
    await daemon?.stop();
    folder.remove();
  });

  it('leads Envoy to what it names, then elsewhere, then nowhere', async () => {
    expect(await publish(['web', 'web.example.com', `127.0.0.1:${a.port}`])).toEqual({
      code: 0,
      stdout: `web.example.com leads to 127.0.0.1:${a.port}\n`,
      stderr: '',
    });
    expect(await answers('web.example.com')).toBe('A');
    expect((await publish(['web', 'web.example.com', `127.0.0.1:${b.port}`])).code).toBe(0);
    expect(await answers('web.example.com')).toBe('B');
    const wrong = await publish(['web', 'web.example.com', '127.0.0.1']);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('lacks a port')]);
    expect(await answers('web.example.com')).toBe('B');
    expect((await publish(['web'])).stdout).toBe('web is gone\n');
    await waitFor('it to be gone', async () => (await answers('web.example.com')) === '404');
    expect((await publish(['web'])).code).not.toBe(0);
  });

  it('with a time to live ends by itself, and stays over a restart', async () => {
    expect((await publish(['preview', 'preview.example.com', `127.0.0.1:${a.port}`], { TTL: '1h' })).code).toBe(0);
    await daemon.stop('SIGKILL');
    await daemon.start();
    await envoy.inSync(daemon);
    expect(await answers('preview.example.com')).toBe('A');
    expect((await daemon.cli('push', 'preview', '--renew')).stdout).toBe('preview stays for 1 h from now\n');
    expect((await publish(['preview', 'preview.example.com', `127.0.0.1:${a.port}`], { TTL: '1s' })).code).toBe(0);
    await waitFor('it to end', async () => (await answers('preview.example.com')) === '404');
  });
});
