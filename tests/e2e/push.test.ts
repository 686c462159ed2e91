import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Edge } from '../support/edge.ts';
import { ENVOY_INSTALL_TIMEOUT_MS } from '../support/envoys.ts';
import { type Ran, run, type TestDaemon } from '../support/program.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const [a, b] = startedUpstreams('A', 'B');

describe('the example of a push', () => {
  let edge: Edge;
  let daemon: TestDaemon;

  const publish = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
    run('sh', [resolve(import.meta.dirname, '../../examples/push/publish.sh'), ...args], { ...daemon.env, ...env });

  beforeAll(async () => {
    edge = await Edge.start('1.40.0');
    daemon = edge.daemon;
  }, ENVOY_INSTALL_TIMEOUT_MS);

  afterAll(() => edge?.stop());

  it('leads Envoy to what it names, then elsewhere, then nowhere', async () => {
    expect(await publish(['web', 'web.example.com', `127.0.0.1:${a.port}`])).toEqual({
      code: 0,
      stdout: `web.example.com leads to 127.0.0.1:${a.port}\n`,
      stderr: '',
    });
    expect(await edge.answers('web.example.com')).toBe('A');
    expect((await publish(['web', 'web.example.com', `127.0.0.1:${b.port}`])).code).toBe(0);
    expect(await edge.answers('web.example.com')).toBe('B');
    const wrong = await publish(['web', 'web.example.com', '127.0.0.1']);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('lacks a port')]);
    expect(await edge.answers('web.example.com')).toBe('B');
    expect((await publish(['web'])).stdout).toBe('web is gone\n');
    await waitFor('it to be gone', async () => (await edge.answers('web.example.com')) === '404');
    expect((await publish(['web'])).code).not.toBe(0);
  });

  it('with a time to live ends by itself, and stays over a restart', async () => {
    expect((await publish(['preview', 'preview.example.com', `127.0.0.1:${a.port}`], { TTL: '1h' })).code).toBe(0);
    await daemon.stop('SIGKILL');
    await daemon.start();
    await edge.envoy.inSync(daemon);
    expect(await edge.answers('preview.example.com')).toBe('A');
    expect((await daemon.cli('push', 'preview', '--renew')).stdout).toBe('preview stays for 1 h from now\n');
    expect((await publish(['preview', 'preview.example.com', `127.0.0.1:${a.port}`], { TTL: '1s' })).code).toBe(0);
    await waitFor('it to end', async () => (await edge.answers('preview.example.com')) === '404');
  });
});
