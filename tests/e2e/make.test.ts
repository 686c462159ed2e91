import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { BINARY, type Ran, run, tempDir } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

/** A stack of its own by the targets of the Makefile: its own folder, its own ports. */
async function stackOf(folder: string, envoy: string) {
  const ports: Record<string, string> = {};
  for (const name of ['HTTP_PORT', 'XDS_PORT', 'ENVOY_PORT', 'ADMIN_PORT', 'UPSTREAM_A_PORT', 'UPSTREAM_B_PORT']) ports[name] = String(await freePort());
  const runDir = join(folder, 'run');
  // By its absolute path the binary is no target of the Makefile: it is taken as it is.
  const variables = { ...ports, RUN_DIR: runDir, BINARY };
  return {
    ports,
    runDir,
    make: (target: string, more: Record<string, string> = {}) => {
      const words = Object.entries({ ...variables, ...more }).map(([name, value]) => `${name}=${value}`);
      return run('make', ['--no-print-directory', target, ...words], { ENVOY_BIN: envoy, MAKEFLAGS: '' });
    },
    pid: (name: string) => Number(readFileSync(join(runDir, `${name}.pid`), 'utf8').split(' ')[0]),
  };
}

const ok = ({ code, stdout, stderr }: Ran): string => {
  expect(code, stdout + stderr).toBe(0);
  return stdout;
};

describe.each(ENVOY_VERSIONS)('make, with Envoy %s', (version) => {
  let envoy: string;
  let folder: ReturnType<typeof tempDir>;
  let stack: Awaited<ReturnType<typeof stackOf>>;

  beforeAll(async () => {
    envoy = await testEnvoy(version);
  }, ENVOY_INSTALL_TIMEOUT_MS);
  beforeEach(async () => {
    folder = tempDir();
    stack = await stackOf(folder.path, envoy);
  });
  afterEach(async () => {
    const cleaned = await stack.make('clean-stack');
    folder.remove();
    ok(cleaned);
  });

  it('up, test-add, test-switch, test-remove, logs and down do what the README says', async () => {
    expect(ok(await stack.make('up'))).toContain('Envoyage is up, and its Envoy in sync.');
    expect(ok(await stack.make('up'))).toContain('Envoyage is already up');
    expect(ok(await stack.make('test-add'))).toMatch(/^Hello from upstream A$/m);
    const switched = ok(await stack.make('test-switch'));
    expect(switched).toMatch(/^Hello from upstream B$/m);
    expect(switched).toMatch(/meanwhile, on 8 connections: .*"Hello from upstream B", 0 failed$/m);
    expect(switched).toMatch(/the same Envoy \(pid \d+\), no request lost/);
    expect(ok(await stack.make('test-remove'))).toContain('(HTTP 404 ');
    const logs = ok(await stack.make('logs', { FOLLOW: '0' }));
    for (const name of ['envoyage', 'upstream-a', 'upstream-b']) expect(logs).toContain(`${name}.log <==`);
    expect(ok(await stack.make('down'))).toMatch(/^stopped envoyage .*\nstopped upstream-a .*\nstopped upstream-b /);
    await expect(fetch(`http://127.0.0.1:${stack.ports.ADMIN_PORT}/ready`)).rejects.toThrow();
    expect(ok(await stack.make('down'))).toBe('Nothing is up.\n');
  });

  it('can repeat each of the three, in any order', async () => {
    ok(await stack.make('up'));
    expect(ok(await stack.make('test-switch'))).toContain('is not there yet: adding it first');
    expect(ok(await stack.make('test-switch'))).toContain('is not at upstream A: switching it there first');
    expect(ok(await stack.make('test-add'))).toContain('is there already: removing it first');
    ok(await stack.make('test-remove'));
    expect(ok(await stack.make('test-remove'))).toContain('is not there: adding it first');
  });

  it('up starts anew where a part is gone, and keeps what was added', async () => {
    ok(await stack.make('up'));
    ok(await stack.make('test-add'));
    const { stdout } = await run(BINARY, ['status', '--json', '--server', `http://127.0.0.1:${stack.ports.HTTP_PORT}`]);
    expect(JSON.parse(stdout).services).toHaveLength(1);
    process.kill(stack.pid('envoyage'), 'SIGKILL');
    await waitFor('Envoy to end with the daemon', () =>
      fetch(`http://127.0.0.1:${stack.ports.ADMIN_PORT}/ready`).then(
        () => false,
        () => true,
      ),
    );
    expect((await stack.make('test-switch')).stderr).toContain('the daemon is not running any more');
    expect(ok(await stack.make('up'))).toContain('starting anew');
    expect(ok(await stack.make('test-switch'))).not.toContain('adding it first');
  });
});

describe('make', () => {
  it('lists its targets', async () => {
    const help = ok(await run('make', ['--no-print-directory'], { MAKEFLAGS: '' }));
    for (const target of ['up', 'test-add', 'test-switch', 'test-remove', 'logs', 'down', 'test', 'check', 'binary', 'protos']) {
      expect(help).toMatch(new RegExp(`^ {2}make ${target} {2,}\\S`, 'm'));
    }
  });

  it('up says which port is taken, by whom, and starts nothing', async () => {
    const folder = tempDir();
    const stack = await stackOf(folder.path, '/nowhere');
    const server = createServer().listen(Number(stack.ports.ENVOY_PORT), '127.0.0.1');
    try {
      const { code, stderr } = await stack.make('up');
      expect(code).not.toBe(0);
      const by = process.platform === 'linux' ? ` by process ${process.pid} ` : '';
      expect(stderr).toContain(`port ${stack.ports.ENVOY_PORT} (ENVOY_PORT) is in use${by}`);
      expect(ok(await stack.make('down'))).toBe('Nothing is up.\n');
    } finally {
      server.close();
      folder.remove();
    }
  });

  it('up says why there is no Envoy, and leaves nothing running', async () => {
    const folder = tempDir();
    const stack = await stackOf(folder.path, '/nowhere/envoy');
    try {
      const { code, stderr } = await stack.make('up');
      expect(code).not.toBe(0);
      expect(stderr).toContain('ENVOY_BIN is "/nowhere/envoy"');
      expect(ok(await stack.make('down'))).toBe('Nothing is up.\n');
    } finally {
      folder.remove();
    }
  });

  it.each(['test-add', 'test-switch', 'test-remove'])('%s says what to do where nothing is up', async (target) => {
    const folder = tempDir();
    const stack = await stackOf(folder.path, '/nowhere');
    expect((await stack.make(target)).stderr).toContain('nothing is up: run make up first');
    folder.remove();
  });
});
