import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderBootstrap } from '../../../src/envoy/bootstrap.ts';
import { tether } from '../../../src/envoy/run.ts';
import { type EnvoyProcess, type SuperviseOptions, superviseEnvoy } from '../../../src/envoy/supervise.ts';
import { createLogger } from '../../../src/lib/logger.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../../support/envoys.ts';
import { waitFor } from '../../support/wait.ts';

const BOOTSTRAP = renderBootstrap({ nodeId: 'supervised', group: 'default', xds: { host: '127.0.0.1', port: 1 } });

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.each(ENVOY_VERSIONS)('a supervised Envoy %s', (version) => {
  let path: string;
  let folder: string;
  let log: { level: string; msg: string; [key: string]: unknown }[];
  const open: EnvoyProcess[] = [];

  beforeAll(async () => {
    path = await testEnvoy(version);
  }, ENVOY_INSTALL_TIMEOUT_MS);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'envoyage-supervise-'));
    log = [];
  });
  afterEach(async () => {
    for (const envoy of open.splice(0)) await envoy.close();
    await rm(folder, { recursive: true });
  });

  function supervise(options: Partial<SuperviseOptions> = {}): EnvoyProcess {
    const logger = createLogger({ level: 'trace', format: 'json', stream: { write: (line) => log.push(JSON.parse(line)) } });
    const envoy = superviseEnvoy({ path, bootstrap: BOOTSTRAP, logger, extraArgs: ['--concurrency', '1'], ...options });
    open.push(envoy);
    return envoy;
  }

  async function pidOf(envoy: EnvoyProcess, other?: number): Promise<number> {
    return waitFor('another Envoy', () => (envoy.pid !== other ? envoy.pid : undefined));
  }

  it('is up when start returns, and gone when close does', async () => {
    const envoy = supervise();
    expect(envoy.pid).toBeUndefined();
    await envoy.start();
    const pid = await pidOf(envoy);
    expect(isAlive(pid)).toBe(true);
    await envoy.close();
    expect(isAlive(pid)).toBe(false);
    expect(envoy.pid).toBeUndefined();
    expect(await envoy.exited).toBeUndefined();
    expect(log.filter(({ level }) => level === 'info').map(({ msg }) => msg)).toEqual(expect.arrayContaining(['Envoy runs', 'Envoy has ended']));
  }, 60_000);

  it('is started again after a crash', async () => {
    const envoy = supervise();
    await envoy.start();
    const pid = await pidOf(envoy);
    process.kill(pid, 'SIGKILL');
    const next = await pidOf(envoy, pid);
    expect(next).not.toBe(pid);
    await waitFor('it to be up', () => log.filter(({ msg }) => msg === 'Envoy runs').length === 2);
    expect(log).toContainEqual(expect.objectContaining({ level: 'warn', msg: 'Envoy ended, starting it again in 1 s', envoyPid: pid, how: 'SIGKILL' }));
  }, 60_000);

  it('is not started again when it is closed while it waits to be', async () => {
    const envoy = supervise();
    await envoy.start();
    process.kill(await pidOf(envoy), 'SIGKILL');
    await waitFor('its end to be seen', () => envoy.pid === undefined);
    await envoy.close();
    expect(log.filter(({ msg }) => msg === 'Envoy runs')).toHaveLength(1);
  }, 60_000);

  it('can be closed before it is up, and without having been started', async () => {
    const envoy = supervise();
    const started = envoy.start();
    await envoy.close();
    await started;
    expect(envoy.pid).toBeUndefined();
    await supervise().close();
  }, 60_000);

  it('is given up where its bootstrap is refused', async () => {
    const envoy = supervise({ bootstrap: 'bogus: 1\n' });
    await expect(envoy.start()).rejects.toMatchObject({
      code: 'envoy-failed',
      message: expect.stringMatching(/3 times in a row before it was up \(exit code 1\).*bogus/s),
    });
    expect(await envoy.exited).toMatchObject({ code: 'envoy-failed' });
  }, 60_000);

  it('is given up where its admin port is taken, with a hint', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const admin = { host: '127.0.0.1', port };
      const envoy = supervise({ bootstrap: renderBootstrap({ nodeId: 'n', group: 'g', xds: { host: '127.0.0.1', port: 1 }, admin }) });
      await expect(envoy.start()).rejects.toMatchObject({
        message: expect.stringContaining(`cannot bind '127.0.0.1:${port}'`),
        hint: expect.stringContaining('another admin port'),
      });
    } finally {
      server.close();
    }
  }, 60_000);

  it('is given up where the program is no program', async () => {
    await expect(supervise({ path: join(folder, 'missing') }).start()).rejects.toMatchObject({ code: 'envoy-failed' });
  }, 60_000);

  it('has its warnings logged as warnings, and the rest for those who debug', async () => {
    const envoy = supervise();
    await envoy.start();
    await waitFor('Envoy to miss its control plane', () => log.some(({ level, component }) => level === 'warn' && component === 'config'));
    expect(log).toContainEqual(expect.objectContaining({ level: 'debug', component: 'main', msg: 'starting main dispatch loop' }));
  }, 60_000);

  it('writes into a file where one is given', async () => {
    const logFile = join(folder, 'envoy.log');
    const envoy = supervise({ logFile });
    await envoy.start();
    await envoy.close();
    expect(await readFile(logFile, 'utf8')).toMatch(/^\[\d{4}-.*starting main dispatch loop\n.*exiting\n$/s);
    expect(log.filter(({ level }) => level === 'debug')).toEqual([]);
  }, 60_000);

  it('goes on where its log file cannot be written', async () => {
    const envoy = supervise({ logFile: join(folder, 'no', 'such', 'folder') });
    await envoy.start();
    await envoy.close();
    expect(log).toContainEqual(expect.objectContaining({ level: 'warn', msg: "Envoy's log cannot be written, the rest of it is lost" }));
  }, 60_000);

  it('keeps its bootstrap to this user, and takes it away once it is read', async () => {
    const spy = join(folder, 'spy');
    await writeFile(spy, `#!/bin/sh\nls -l "$3" > ${folder}/seen; echo "$3" > ${folder}/path; exec ${path} "$@"\n`);
    await chmod(spy, 0o755);
    const envoy = supervise({ path: spy });
    await envoy.start();
    expect(await readFile(join(folder, 'seen'), 'utf8')).toMatch(/^-rw-------/);
    const bootstrapFolder = join((await readFile(join(folder, 'path'), 'utf8')).trim(), '..');
    await expect(readdir(bootstrapFolder)).rejects.toMatchObject({ code: 'ENOENT' });
  }, 60_000);

  it('ends with the process that runs it, where setpriv is there to see to it', async () => {
    const script = new URL('supervisor.fixture.ts', import.meta.url).pathname;
    const parent = spawn(process.execPath, [script, path, BOOTSTRAP], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [pid] = await once(createInterface({ input: parent.stdout }), 'line').then(([line]) => [Number(line)]);
    expect(isAlive(pid ?? 0)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    const tethered = (await tether()).length > 0;
    if (tethered) await waitFor('Envoy to end', () => !isAlive(pid ?? 0));
    else process.kill(pid ?? 0, 'SIGTERM');
    expect(tethered || process.platform !== 'linux').toBe(true);
  }, 60_000);
});
