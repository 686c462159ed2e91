import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeList } from '../../src/api/types.ts';
import { composeCommand, type Engine, noEngine, startEngine } from '../support/docker.ts';
import { ENVOY_INSTALL_TIMEOUT_MS } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { type Ran, tempDir } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

// On CI there must be an engine: there, the suite runs and says what is missing.
const reason = process.env.CI ? undefined : noEngine();
if (reason !== undefined) console.warn(`the stack in containers is not tested: ${reason}`);

/** A request by a process of its own, since the port is open where the engine is. */
const GET = `require('node:http').get({ host: '127.0.0.1', port: process.argv[1], path: process.argv[3] ?? '/', headers: { host: process.argv[2] } }, (answer) => answer.pipe(process.stdout))`;

const ok = ({ code, stdout, stderr }: Ran): string => {
  expect(code, stdout + stderr).toBe(0);
  return stdout;
};

describe.skipIf(reason !== undefined)('make RUNTIME=docker', () => {
  const folder = tempDir();
  const project = `envoyagetest${process.pid}`;
  let engine: Engine;
  let port: number;

  const make = (target: string): Promise<Ran> =>
    engine.run('make', ['--no-print-directory', target, 'RUNTIME=docker', `RUN_DIR=${folder.path}/run`, `ENVOY_PORT=${port}`], {
      COMPOSE_PROJECT_NAME: project,
      MAKEFLAGS: '',
    });
  const docker = async (...args: string[]): Promise<string> => ok(await engine.run('docker', args)).trim();
  const container = async (service: string): Promise<string> =>
    docker('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${project}`, '--filter', `label=com.docker.compose.service=${service}`);
  const cli = async (...args: string[]): Promise<Ran> => engine.run('docker', ['exec', await container('envoyage'), 'envoyage', ...args]);
  const ask = async (): Promise<string> => ok(await engine.run(process.execPath, ['-e', GET, String(port), 'web.example.com'])).trim();

  beforeAll(async () => {
    port = await freePort();
    engine = await startEngine();
  }, ENVOY_INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    try {
      ok(await make('clean-stack'));
      await docker('image', 'rm', '--force', `${project}_envoyage`, `${project}-envoyage`);
    } finally {
      await engine.close();
      folder.remove();
    }
  });

  it('brings the stack up, the image built by the Dockerfile', { timeout: 600_000 }, async () => {
    expect(ok(await make('up'))).toContain('Envoyage is up, and its Envoy in sync.');
    expect(ok(await make('up'))).toContain('Envoyage is already up');
  });

  it('adds, switches and removes: A, then B by the same Envoy with no request lost, then 404', async () => {
    const envoy = await docker('inspect', '--format', '{{.Id}} {{.State.Pid}} {{.State.StartedAt}}', await container('envoy'));
    expect(ok(await make('test-add'))).toMatch(/^Hello from upstream A$/m);
    const switched = ok(await make('test-switch'));
    expect(switched).toMatch(/^Hello from upstream B$/m);
    expect(switched).toMatch(/"Hello from upstream B", 0 failed$/m);
    expect(ok(await make('test-remove'))).toContain('(HTTP 404 ');
    expect(await docker('inspect', '--format', '{{.Id}} {{.State.Pid}} {{.State.StartedAt}}', await container('envoy'))).toBe(envoy);
  });

  it('runs the daemon without privileges, and knows that it is healthy', async () => {
    const id = await container('envoyage');
    expect(await docker('exec', id, 'id', '-u')).toBe('10001');
    expect(await docker('inspect', '--format', '{{.State.Health.Status}}', id)).toBe('healthy');
    expect(await docker('port', id)).toBe('');
  });

  it('goes on serving while the daemon is stopped, and takes up changes after it is back', async () => {
    ok(await cli('add', 'web.example.com', 'web-a:5678'));
    const id = await container('envoyage');
    await docker('stop', '--time', '20', id);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
    expect(await ask()).toBe('Hello from upstream A');
    await docker('start', id);
    await waitFor('Envoy to be back in sync', async () => {
      const { code, stdout } = await cli('status', '--json');
      return code === 0 && (JSON.parse(stdout) as NodeList).nodes.some(({ state }) => state === 'in-sync');
    });
    expect(ok(await cli('switch', 'web.example.com', 'web-b:5678'))).toContain('live on 1 of 1 Envoy');
    expect(await ask()).toBe('Hello from upstream B');
  });

  it('keeps services over down and up', { timeout: 600_000 }, async () => {
    ok(await make('down'));
    expect(await container('envoyage')).toBe('');
    ok(await make('up'));
    expect(await ask()).toBe('Hello from upstream B');
  });

  it('serves what labels of containers say: examples/docker', { timeout: 600_000 }, async () => {
    ok(await make('down'));
    const [program, ...words] = composeCommand();
    const { gid } = statSync(engine.socket);
    const variables = { COMPOSE_PROJECT_NAME: `${project}docker`, DOCKER_SOCKET: engine.socket, DOCKER_GID: String(gid), ENVOY_PORT: String(port) };
    const compose = (...args: string[]): Promise<Ran> => engine.run(program, [...words, '-f', 'examples/docker/docker-compose.yaml', ...args], variables);
    const answer = async (host: string, path = '/'): Promise<string> =>
      (await engine.run(process.execPath, ['-e', GET, String(port), host, path])).stdout.trim();
    try {
      ok(await compose('up', '-d', '--build'));
      await waitFor('web to be served', async () => (await answer('web.example.com')) === 'Hello from upstream web');
      await waitFor('api to be served', async () => (await answer('web.example.com', '/api')) === 'Hello from upstream api');
      const program = `${process.cwd()}/examples/quickstart/upstream.mjs:/upstream.mjs:ro`;
      const labels = ['--label', 'envoyage.enable=true', '--label', 'envoyage.host=new.example.com'];
      const added = ['run', '-d', '--rm', '--name', `${project}new`, '--network', `${project}docker_web`, '--expose', '5678', '-v', program, ...labels];
      await docker(...added, 'node:26-bookworm-slim', 'node', '/upstream.mjs', 'new', '5678', '0.0.0.0');
      await waitFor('a container beside it to be served', async () => (await answer('new.example.com')) === 'Hello from upstream new');
      await docker('rm', '-f', `${project}new`);
      ok(await compose('stop', 'api'));
      await waitFor('api to be gone', async () => (await answer('web.example.com', '/api')) !== 'Hello from upstream api');
      expect(await answer('web.example.com')).toBe('Hello from upstream web');
    } finally {
      ok(await compose('down', '--volumes'));
      await docker('image', 'rm', '--force', `${project}docker_envoyage`, `${project}docker-envoyage`);
    }
  });
});
