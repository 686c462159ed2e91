import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
const running = new Set<ChildProcess>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-main-'));
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(args: readonly string[], env: Record<string, string> = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ENVOYAGE_|ENVOY_|NO_COLOR)/.test(name));
  const child = spawn(process.execPath, [resolve('src/main.ts'), ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { child, ended, stderr: text(child.stderr) };
}

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const { child, ended, stderr } = start(args, env);
  const stdout = await text(child.stdout);
  return { code: await ended, stdout, stderr: await stderr };
}

const onFreePorts = (name: string) => ['--http-address', '127.0.0.1:0', '--xds-address', '127.0.0.1:0', '--data-dir', join(folder, name)];

/** Settles with the first line that the process writes to stdout, or with nothing where it ends before. */
async function firstLine(child: ChildProcess): Promise<string> {
  let written = '';
  for await (const chunk of child.stdout ?? []) {
    written += String(chunk);
    if (written.includes('\n')) break;
  }
  return written.split('\n')[0] ?? '';
}

describe('envoyage', () => {
  it('ends with the exit code of its command', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['frobnicate'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run(['status', '--server', 'http://127.0.0.1:1'])).toMatchObject({ code: 3, stdout: '' });
  });

  it('is quiet where nobody reads on', async () => {
    const { child, ended, stderr } = start(['serve', '--help']);
    child.stdout.destroy();
    expect([await ended, await stderr]).toEqual([0, '']);
  });

  it('says what is wrong with the configuration, all of it', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'http-adress: 127.0.0.1:1\nlog-level: loud\n');
    const ran = await run(['serve', '--config', 'wrong.yaml', '--xds-address', 'x'], { ENVOYAGE_LOG_FORMAT: 'xml' });
    expect(ran).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'error: 4 things are wrong',
        '  wrong.yaml:1:14: unknown option "http-adress" (did you mean "http-address"?)',
        '  --xds-address "x" lacks a port: write HOST:PORT',
        '  wrong.yaml:2:12: log-level "loud" must be one of trace, debug, info, warn, error',
        '  ENVOYAGE_LOG_FORMAT "xml" must be one of auto, pretty, json',
        'hint: envoyage serve --help lists every option',
        '',
      ].join('\n'),
    });
  });
});

describe('serve', () => {
  it('prints the configuration and starts nothing', async () => {
    const ran = await run(['serve', '--print-config', '--data-dir', 'printed', '--no-xds-allow-plaintext'], { ENVOYAGE_LOG_LEVEL: 'warn' });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(`data-dir: ${join(folder, 'printed')}`);
    expect(ran.stdout).toMatch(/^log-level: warn +# ENVOYAGE_LOG_LEVEL$/m);
    expect(ran.stdout).toMatch(/^xds-allow-plaintext: false +# --xds-allow-plaintext$/m);
    expect(existsSync(join(folder, 'printed'))).toBe(false);
  });

  it('prints what it would refuse, and refuses it', async () => {
    const ran = await run(['serve', '--print-config', '--json', '--http-address', '0.0.0.0:8080']);
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({ options: { 'http-address': '0.0.0.0:8080' } });
    expect(JSON.parse(ran.stderr)).toMatchObject({ code: 'insecure-address' });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('says where it listens, and ends cleanly at %s', async (signal) => {
    const { child, ended, stderr } = start(['serve', '--json', ...onFreePorts(signal)]);
    const ready = JSON.parse(await firstLine(child)) as { url: string; dataDir: string };
    expect(ready.dataDir).toBe(join(folder, signal));
    expect((await run(['add', 'web.example.com', 'web-a:5678', '--server', ready.url])).stdout).toContain('web.example.com → web-a:5678, saved');
    expect((await fetch(`${ready.url}/healthz`)).status).toBe(200);
    child.kill(signal);
    expect(await ended).toBe(0);
    for (const line of (await stderr).trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ level: 'info' });
  });

  it('goes on where nobody reads what it says', async () => {
    const { child, ended } = start(['serve', ...onFreePorts('unread'), '--log-level', 'error']);
    await firstLine(child);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

describe('up', () => {
  /** Enough of an Envoy to be found, started and ended. */
  function fakeEnvoy(run: string): string {
    const path = join(folder, 'fake-envoy');
    writeFileSync(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo 'envoy  version: 0123abc/1.40.0/Clean/RELEASE/BoringSSL'; exit; fi\n${run}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it('runs the daemon and an Envoy, and ends both', async () => {
    const seen = join(folder, 'bootstrap-seen.yaml');
    const envoy = fakeEnvoy(`cp "$3" '${seen}'\necho 'starting main dispatch loop'\nexec sleep 1000`);
    const args = ['--node-id', 'local', '--group', 'edge', '--admin-address', '127.0.0.1:0', '--listener', 'edge=127.0.0.1:0'];
    const { child, ended } = start(['up', '--json', ...onFreePorts('up'), ...args], { ENVOY_BIN: envoy });
    const ready = JSON.parse(await firstLine(child)) as { xdsAddress: string; envoy: { pid: number } };
    expect(ready.envoy).toMatchObject({ version: '1.40.0', nodeId: 'local', group: 'edge', listener: '127.0.0.1:0', admin: '127.0.0.1:0' });
    const bootstrap = readFileSync(seen, 'utf8');
    expect(bootstrap).toContain('id: local');
    expect(bootstrap).toContain(`port_value: ${ready.xdsAddress.split(':')[1]}`);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(() => process.kill(ready.envoy.pid, 0)).toThrow(/ESRCH/);
  });

  it('ends with an error where Envoy cannot be found', async () => {
    const ran = await run(['up', ...onFreePorts('no-envoy'), '--admin-address', '127.0.0.1:0'], { ENVOY_BIN: '/nowhere/envoy' });
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^error: ENVOY_BIN is "\/nowhere\/envoy"/m);
  });
});
