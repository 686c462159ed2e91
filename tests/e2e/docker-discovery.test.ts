import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PORT, runUpstream, SMALL_SERVER, UPSTREAM_FLAGS } from '../support/containers.ts';
import { noPrivateEngine } from '../support/docker.ts';
import { Edge } from '../support/edge.ts';
import { ENVOY_INSTALL_TIMEOUT_MS } from '../support/envoys.ts';
import { ask, Load } from '../support/load.ts';
import { IMAGE, type PlainEngine, startPlainEngine } from '../support/plain-engine.ts';
import { run, TestDaemon } from '../support/program.ts';
import type { TestEnvoy } from '../support/test-envoy.ts';
import { TlsDoor } from '../support/tls-door.ts';
import { waitFor } from '../support/wait.ts';

// On CI there must be an engine: there, the suite runs and says what is missing.
const reason = process.env.CI ? undefined : noPrivateEngine();
if (reason !== undefined) console.warn(`discovery of containers is not tested: ${reason}`);

/** A service stays for a time after its last container, and its host with it, so each test has hosts of its own. */
const HOST = 'web.example.com';
const labels = (host: string, ...more: string[]): string[] => ['envoyage.enable=true', `envoyage.host=${host}`, ...more].flatMap((each) => ['--label', each]);

describe.skipIf(reason !== undefined)('services of containers', () => {
  let engine: PlainEngine;
  let edge: Edge;
  let daemon: TestDaemon;
  let envoy: TestEnvoy;
  let port: number;

  const answers = async (host: string, body: string): Promise<boolean> => {
    const answer = await ask(port, host).catch(() => undefined);
    return answer?.status === 200 && answer.body === body;
  };
  const routable = (host: string, body: string): Promise<boolean> => waitFor(`${body} to answer for ${host}`, () => answers(host, body));
  const unroutable = (host: string): Promise<boolean> => waitFor(`${host} to have no endpoint`, async () => (await ask(port, host)).status >= 400);

  beforeAll(async () => {
    engine = await startPlainEngine();
    edge = await Edge.start('1.40.0', { flags: ['--docker', '--docker-host', `unix://${engine.socket}`] });
    ({ daemon, envoy, port } = edge);
  }, ENVOY_INSTALL_TIMEOUT_MS);

  afterEach(async () => {
    const ids = (await engine.docker('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await engine.docker('rm', '-f', ...ids);
  });

  afterAll(async () => {
    await edge?.stop();
    await engine?.close();
  });

  it('are routable as soon as `docker run` has returned, by two labels', async () => {
    const times: number[] = [];
    for (let i = 1; i <= 5; i++) {
      const host = `run-${i}.example.com`;
      const id = await runUpstream(engine, `run-${i}`, labels(host));
      while (!(await answers(host, `run-${i}`))) await sleep(2);
      const answered = Date.now();
      const { State } = (await engine.api('GET', `/containers/${id}/json`)) as { State: { StartedAt: string } };
      times.push(answered - Date.parse(State.StartedAt));
    }
    console.log(`from the start of a container to its first answer through Envoy: ${times.join(', ')} ms`);
    expect(daemon.log).not.toMatch(/Deprecat|Warning/);
  });

  // Without a check, a container counts from its start on, which is before its program listens.
  const check = ['--health-cmd', `bash -c '</dev/tcp/127.0.0.1/${PORT}'`, '--health-interval', '200ms', '--health-start-period', '30s'];
  it('lose no request when one of two replicas is stopped under load, and none when it comes back', async () => {
    for (const name of ['web-1', 'web-2']) await runUpstream(engine, name, [...labels(HOST), ...check], 1000);
    for (const name of ['web-1', 'web-2']) await routable(HOST, name);
    const load = new Load(port, HOST, 'web-1', 8);
    load.switching('web-2');
    try {
      await sleep(500);
      await engine.docker('stop', '-t', '10', 'web-1');
      load.switching('web-2');
      load.switched();
      await sleep(500);
      load.switching('web-1');
      await engine.docker('start', 'web-1');
      await routable(HOST, 'web-1');
      await sleep(500);
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
    expect(load.requests).toBeGreaterThan(300);
  });

  it('come by TCP with TLS, too', async () => {
    await runUpstream(engine, 'web', labels('tls.example.com'));
    const door = await new TlsDoor(engine.socket).open();
    const files = door.known;
    const flags = ['--docker', '--docker-host', `tcp://localhost:${door.port}`];
    for (const [name, file] of Object.entries({ ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' })) flags.push(`--docker-tls-${name}`, join(files, file));
    const remote = await TestDaemon.create({ dataDir: join(edge.folder, 'tls'), listeners: ['127.0.0.1:0'], flags });
    try {
      await remote.start();
      await waitFor('the service', async () => (await remote.cli('get', 'service', '--json')).stdout.includes('tls.example.com'));
      expect(remote.log).not.toMatch(/Deprecat|Warning/);
    } finally {
      await remote.stop();
      await door.close();
    }
  });

  it('have their faults named by container and label, and all others go on', async () => {
    await runUpstream(engine, 'wrong', [...labels('wrong.example.com'), '--label', 'envoyage.prot=80']);
    await runUpstream(engine, 'right', labels('right.example.com'));
    await routable('right.example.com', 'right');
    const said = await waitFor('the fault to be told', async () => {
      const { stdout } = await daemon.cli('providers', 'docker');
      return stdout.includes('envoyage.prot') ? stdout : undefined;
    });
    expect(said).toMatch(/container wrong/);
    expect(said).toMatch(/envoyage\.port/);
    expect((await ask(port, 'wrong.example.com')).status).toBe(404);
  });

  it('keep answering while the engine is away, and change again once it is back', async () => {
    await runUpstream(engine, 'web', labels(HOST));
    await routable(HOST, 'web');
    await engine.crash();
    await waitFor('the daemon to notice', () => daemon.log.includes('; tried again in'));
    expect(await answers(HOST, 'web')).toBe(true);
    await engine.restart();
    await runUpstream(engine, 'two', labels('two.example.com'));
    await routable('two.example.com', 'two');
    expect(await answers(HOST, 'web')).toBe(true);
  });

  it('stay over a restart of the daemon with the engine away', async () => {
    await runUpstream(engine, 'web', labels(HOST));
    await routable(HOST, 'web');
    await engine.crash();
    await daemon.stop('SIGKILL');
    await daemon.start();
    await envoy.inSync(daemon);
    expect(await answers(HOST, 'web')).toBe(true);
    await engine.restart();
    await engine.docker('rm', '-f', 'web');
    await unroutable(HOST);
  });

  it('come from compose, each under its own name, over all replicas', { timeout: 300_000 }, async () => {
    const project = join(edge.folder, 'shop');
    mkdirSync(project);
    const service = (host: string): object => ({
      image: IMAGE,
      command: ['node', '/upstream.mjs', String(PORT)],
      expose: [String(PORT)],
      volumes: UPSTREAM_FLAGS.filter((flag) => flag !== '--volume'),
      labels: { 'envoyage.enable': 'true', 'envoyage.host': host },
    });
    writeFileSync(
      join(project, 'docker-compose.json'),
      JSON.stringify({ version: '3.8', services: { web: service('shop.example.com'), api: service('api.example.com') } }),
    );
    const compose = (...args: string[]) => run('docker-compose', ['-f', join(project, 'docker-compose.json'), ...args], engine.env, project);
    const up = await compose('up', '-d', '--scale', 'web=2');
    expect(up, up.stderr).toMatchObject({ code: 0 });
    const names = (await engine.docker('ps', '--filter', 'label=com.docker.compose.service=web', '--format', '{{.ID}}')).split('\n');
    expect(names.length).toBe(2);
    for (const name of names) await routable('shop.example.com', name);
    const { services } = await daemon.get<{ services: { id?: string; name?: string; endpoints: unknown[] }[] }>('/api/v1/services');
    const found = services.filter((each) => JSON.stringify(each).includes('shop.'));
    expect(found.map(({ endpoints }) => endpoints.length).sort()).toEqual([1, 2]);
    await compose('stop', '-t', '1', 'api');
    await unroutable('api.example.com');
    expect((await compose('down', '-t', '1')).code).toBe(0);
    await unroutable('shop.example.com');
  });

  it('come in bursts: 200 containers at once', { timeout: 300_000 }, async () => {
    const started = new Map<string, number>();
    const ids: string[] = [];
    const each = async (work: (i: number) => Promise<void>): Promise<void> => {
      let next = 0;
      const worker = async (): Promise<void> => {
        for (let i = next++; i < 200; i = next++) await work(i);
      };
      await Promise.all(Array.from({ length: 8 }, worker));
    };
    await each(async (i) => {
      const Labels = { 'envoyage.enable': 'true', 'envoyage.host': `burst-${i}.example.com`, 'envoyage.port': '80' };
      const { Id } = (await engine.api('POST', `/containers/create?name=burst-${i}`, { Image: IMAGE, Cmd: SMALL_SERVER, Labels })) as { Id: string };
      ids[i] = Id;
    });
    const began = Date.now();
    await each(async (i) => {
      await engine.api('POST', `/containers/${ids[i]}/start`);
      started.set(`burst-${i}.example.com`, Date.now());
    });
    const took = Date.now() - began;
    for (const host of started.keys()) await routable(host, 'ok');
    console.log(`200 containers were started in ${took} ms; all answered through Envoy ${Date.now() - began - took} ms after the last had started`);
    await each(async (i) => {
      await engine.api('DELETE', `/containers/${ids[i]}?force=true`);
    });
    for (const host of started.keys()) await unroutable(host);
  });
});
