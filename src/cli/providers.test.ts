import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderDetail, ProviderDone, ProviderList } from '../api/types.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { ProviderProblem } from '../model/provider-status.ts';
import { daemonInfo, FakeApi, NOW, node, provider, rolloutOf, run, stored } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

const PATH = '/api/v1/providers/discovery';
const TERMINAL = { terminal: 80, env: { NO_COLOR: '1' } };
const envoyage = (...args: string[]) => run([...args, '--server', api.url], TERMINAL);

const port: ProviderProblem = {
  code: 'ambiguous-port',
  object: 'shop.web@docker',
  origin: 'container shop-web-1',
  message: 'it exposes several ports (80, 443, 8080) and no label says which one',
  hint: 'add the label envoyage.port=8080',
};
const taken: ProviderProblem = {
  code: 'host-taken',
  object: 'wiki@docker',
  message: 'the host wiki.example.com belongs to service "wiki.example.com" already',
};
const DOWN = 'connect ENOENT /var/run/docker.sock; tried again in 8 s';

const well = provider('files', 'ok', { source: '/etc/envoyage/services', objects: { Service: 1 } });
const all: ProviderList = {
  providers: [
    provider('docker', 'down', { message: DOWN, problems: [port], problemCount: 1, counts: { published: 4, changed: 2, failed: 7 } }),
    well,
    provider('push', 'paused', { source: 'PUT /api/v1/providers/push', paused: { by: 'ann@laptop', at: new Date(NOW - 240_000).toISOString() }, objects: {} }),
    provider('rest', 'starting', { source: 'https://registry.example.com/backends', objects: {} }),
  ],
  overrides: 2,
  revision: 12,
};

/** Columns that no line may go over. */
function fits(text: string): void {
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
}

describe('providers', () => {
  it('lists them, and says what is the matter with those that are not well', async () => {
    const { syncedAt: _, ...unread } = all.providers[3] as ProviderList['providers'][number];
    api.routes = { [`GET ${PATH}`]: { body: { ...all, providers: [...all.providers.slice(0, 3), unread] } } };
    const { code, stdout, stderr } = await envoyage('providers');
    expect([code, stderr]).toEqual([0, '']);
    fits(stdout);
    expect(stdout).toMatchInlineSnapshot(`
      "  PROVIDER  STATE     OBJECTS  PROBLEMS  LAST SYNC  SOURCE
        docker    down      12       1         3 s ago    unix:///var/run/docker.sock
        files     ok        1        none      3 s ago    /etc/envoyage/services
        push      paused    0        none      3 s ago    PUT /api/v1/providers/push
        rest      starting  0        none      never      https://registry.example.com
                                                          /backends

        docker is down: connect ENOENT /var/run/docker.sock; tried again in 8 s; 1
          problem (envoyage providers docker shows it)
        push is paused: by ann@laptop; envoyage providers resume push goes on
        rest is starting
      "
    `);
  });

  it('says what to do where there are none', async () => {
    api.routes = { [`GET ${PATH}`]: { body: { providers: [], overrides: 0, revision: 1 } } };
    expect((await envoyage('providers')).stdout).toBe('No providers: envoyage serve --docker has services appear by the labels of containers\n');
  });

  it('shows one, with each problem, where it is and what mends it', async () => {
    const problems = [port, taken];
    const detail: ProviderDetail = {
      provider: provider('docker', 'degraded', {
        problems,
        problemCount: 2,
        parts: [
          { name: 'local', state: 'ok' },
          { name: 'host-b', state: 'down', message: 'nothing was heard of its agent for 34 s' },
        ],
      }),
      keys: ['Route/shop.web', 'shop.api', 'shop.web'],
      next: null,
      revision: 12,
    };
    api.routes = { [`GET ${PATH}/docker`]: { body: detail } };
    const { code, stdout } = await envoyage('providers', 'docker');
    expect(code).toBe(0);
    fits(stdout);
    expect(stdout).toMatchInlineSnapshot(`
      "docker
        state      degraded for 3 h
        source     unix:///var/run/docker.sock
        last sync  3 s ago; what it changed last is revision 12
        objects    10 services and 2 routes
        so far     published 14 times, changed something 3 times, failed 0 times
        local      ok
        host-b     down: nothing was heard of its agent for 34 s

      2 problems:
        container shop-web-1, shop.web@docker: it exposes several ports (80, 443,
          8080) and no label says which one
          hint: add the label envoyage.port=8080
        wiki@docker: the host wiki.example.com belongs to service "wiki.example.com"
          already

      12 objects:
        route "shop.web"
        service "shop.api"
        service "shop.web"
        and 9 more objects (--all lists every one)
      "
    `);
    expect(JSON.parse((await envoyage('providers', 'docker', '--json')).stdout)).toEqual(detail);
  });

  it('sums up a thousand problems unless all are asked for', async () => {
    const problems = Array.from({ length: 1000 }, (_, i) => ({ ...port, origin: `container web-${i}` }));
    const keys = Array.from({ length: 500 }, (_, i) => `web-${i}`);
    const status = provider('docker', 'degraded', { problems, problemCount: 1000, objects: { Service: 500 } });
    api.routes = { [`GET ${PATH}/docker`]: { body: { provider: status, keys, next: null, revision: 12 } } };
    const { stdout } = await envoyage('providers', 'docker');
    expect(stdout).toMatch(/^1,000 problems:$/m);
    expect(stdout).toMatch(/^ {2}and 980 more problems \(--all lists every one\)$/m);
    expect(stdout).toMatch(/^ {2}and 480 more objects \(--all lists every one\)$/m);
    const every = (await envoyage('providers', 'docker', '--all')).stdout;
    expect(every).toContain('container web-999');
    expect(every).toContain('service "web-499"');
  });

  it('pauses, resumes and reads anew', async () => {
    const done = (state: Parameters<typeof provider>[1], more: Partial<ProviderDone> = {}): { body: ProviderDone } => ({
      body: { provider: provider('docker', state), revision: 12, ...more },
    });
    api.routes = {
      [`POST ${PATH}/docker/pause`]: done('paused'),
      [`POST ${PATH}/docker/resume`]: done('ok', { rollout: rolloutOf('live') }),
      [`POST ${PATH}/docker/resync`]: done('ok', { rollout: rolloutOf('live') }),
    };
    expect(await envoyage('providers', 'pause', 'docker')).toEqual({
      code: 0,
      stdout: 'docker is paused; what it declared stays as it is\n',
      stderr: 'hint: envoyage providers resume docker goes on\n',
    });
    expect(await envoyage('providers', 'resume', 'docker')).toEqual({
      code: 0,
      stdout: 'docker goes on: 10 services and 2 routes, live on 3 of 3 Envoys in 14 ms\n',
      stderr: '',
    });
    expect(await envoyage('providers', 'resync', 'docker', '--timeout', '5')).toEqual({
      code: 0,
      stdout: 'docker is read anew: 10 services and 2 routes, live on 3 of 3 Envoys in 14 ms\n',
      stderr: '',
    });
    api.routes = {
      [`POST ${PATH}/docker/resync`]: { body: { provider: provider('docker', 'ok', { objects: {} }), revision: 12, rollout: rolloutOf('live') } },
    };
    expect((await envoyage('providers', 'resync', 'docker', '--timeout', '6')).stdout).toBe(
      'docker is read anew: nothing is declared, live on 3 of 3 Envoys in 14 ms\n',
    );
    expect(api.requests).toEqual([
      `POST ${PATH}/docker/pause`,
      `POST ${PATH}/docker/resume?wait=acked&timeout=10`,
      `POST ${PATH}/docker/resync?wait=acked&timeout=5`,
      `POST ${PATH}/docker/resync?wait=acked&timeout=6`,
    ]);
  });

  it('says so where a source cannot be read, and where nothing is taken over', async () => {
    const body = { provider: provider('docker', 'down', { message: DOWN }), revision: 12, rollout: rolloutOf('live') };
    api.routes = { [`POST ${PATH}/docker/resync`]: { body } };
    expect(await envoyage('providers', 'resync', 'docker')).toEqual({
      code: 1,
      stdout: `docker cannot read its source: ${DOWN}\n`,
      stderr: 'hint: what was read last stays, and it goes on trying\n',
    });
    api.routes = { [`POST ${PATH}/docker/resync`]: { body: { provider: provider('docker', 'paused'), revision: 12 } } };
    expect(await envoyage('providers', 'resync', 'docker', '--no-wait')).toMatchObject({ code: 0, stdout: 'docker is read anew, and is paused\n' });
    api.routes = { [`POST ${PATH}/docker/resync`]: { body: { provider: provider('docker', 'ok'), revision: 12 } } };
    expect(await envoyage('providers', 'resync', 'docker', '--no-wait')).toEqual({ code: 0, stdout: 'docker reads its source anew\n', stderr: '' });
    api.routes = { [`POST ${PATH}/docker/resync`]: { body: { provider: provider('docker', 'ok'), synced: false, revision: 12, rollout: rolloutOf('live') } } };
    expect(await envoyage('providers', 'resync', 'docker')).toEqual({
      code: 4,
      stdout: 'docker has not published yet\n',
      stderr: 'hint: it goes on by itself; envoyage providers docker tells when\n',
    });
  });

  it('tells what is wrong with the words, and of a provider that is not there', async () => {
    expect(await envoyage('providers', 'pause')).toMatchObject({ code: 2, stderr: expect.stringContaining('envoyage providers pause NAME') as unknown });
    expect(await envoyage('providers', 'resinc', 'files')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: there is no action "resinc" (did you mean "resync"?)\nhint: envoyage providers resync files; the actions are pause, resume, resync\n',
    });
    expect(await envoyage('providers', 'files', 'pause')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: pause comes before the name\nhint: envoyage providers pause files\n',
    });
    api.routes = {
      [`GET ${PATH}/dokcer`]: new EnvoyageError('provider-not-found', 'there is no provider "dokcer" (did you mean "docker"?)', { hint: 'envoyage providers' }),
    };
    expect(await envoyage('providers', 'dokcer')).toEqual({
      code: 6,
      stdout: '',
      stderr: 'error: there is no provider "dokcer" (did you mean "docker"?)\nhint: envoyage providers\n',
    });
  });
});

describe('status', () => {
  const status = async (body: unknown, ...args: string[]) => {
    api.routes = {
      'GET /api/v1/daemon': { body: daemonInfo() },
      'GET /api/v1/services': {
        body: {
          services: [stored('web.example.com', ['10.0.0.1:80'], { id: 'shop.web', provider: 'docker' }), stored('b.example.com', ['b:1'])],
          revision: 12,
        },
      },
      'GET /api/v1/nodes': { body: { nodes: [node('edge-1', 'in-sync')], moved: [], revision: 12 } },
      'GET /api/v1/certificates': { body: { certificates: [], revision: 12 } },
      ...(body === undefined ? {} : { [`GET ${PATH}`]: { body } }),
    };
    const ran = await envoyage('status', ...args);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    return ran.stdout.replace(api.url, 'http://127.0.0.1:8080');
  };

  it('has a line for each provider that is not well', async () => {
    const stdout = await status(all);
    fits(stdout);
    expect(stdout).toMatchInlineSnapshot(`
      "Envoyage 0.1.0 at http://127.0.0.1:8080, up 3 h, revision 12

      2 services
        HOST             ID               ENDPOINTS    CHANGED
        web.example.com  shop.web@docker  10.0.0.1:80  1 min ago
        b.example.com                     b:1          1 min ago

      4 providers: 1 down, 1 paused, 1 starting, 1 ok, 13 objects
        docker is down: connect ENOENT /var/run/docker.sock; tried again in 8 s; 1
          problem (envoyage providers docker shows it)
        push is paused: by ann@laptop; envoyage providers resume push goes on
        rest is starting
      2 overrides (envoyage override lists them)

      1 Envoy: 1 in sync
        ENVOY   GROUP    VERSION  STATE
        edge-1  default  1.40.0   in sync
      "
    `);
  });

  it('has one line where all are well', async () => {
    const stdout = await status({ providers: [provider('docker', 'ok'), well], overrides: 0, revision: 12 });
    expect(stdout).toContain('\n\n2 providers: 2 ok, 13 objects\n\n');
    expect(JSON.parse(await status(all, '--json'))).toMatchObject({ providers: all.providers, overrides: 2 });
  });

  it('does without, where the daemon is older than providers', async () => {
    expect(await status(undefined)).not.toMatch(/provider|override/);
  });
});
