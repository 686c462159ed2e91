import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { FakeApi, type Routes, rolloutOf, run, stored, type World } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

const cli = (argv: string[], routes: Routes, world: World = {}) => {
  api.routes = routes;
  return run([...argv, '--server', api.url], world);
};

const web = stored('web.example.com', ['web-b:5678']);

describe('add', () => {
  it('adds, waits for every Envoy, and says how long it took', async () => {
    const service = { ...stored('web.example.com', ['web-a:5678']), rollout: rolloutOf('live') };
    const ran = await cli(['add', 'Web.Example.com', 'web-a:5678'], { 'POST /api/v1/services': { status: 201, body: service } });
    expect(ran).toEqual({ code: 0, stdout: 'web.example.com → web-a:5678, live on 3 of 3 Envoys in 14 ms\n', stderr: '' });
    expect(api.requests).toEqual(['POST /api/v1/services?wait=acked&timeout=1']);
    expect(api.got[0]?.body).toEqual({ host: 'web.example.com', endpoints: ['web-a:5678'] });
  });

  it('sends an id, groups and several endpoints', async () => {
    const service = stored('*.example.com', ['a:1', 'b:1'], { id: 'wild', groups: ['edge', 'lab'] });
    const answer = { status: 201, body: { ...service, rollout: rolloutOf('no-envoys', { nodes: 0, acked: 0 }) } };
    const ran = await cli(['add', '--id', 'wild', '--group', 'edge', '--group', 'lab', '*.example.com', 'a:1', 'b:1', 'a:1'], {
      'POST /api/v1/services': answer,
    });
    expect(ran).toMatchObject({
      code: 0,
      stdout: '*.example.com → a:1 and b:1, saved; no Envoy of groups edge and lab is connected yet (envoyage bootstrap --group edge shows how to join one)\n',
    });
    expect(api.got[0]?.body).toEqual({ id: 'wild', host: '*.example.com', endpoints: ['a:1', 'b:1'], groups: ['edge', 'lab'] });
  });

  it('sends what the endpoints speak, and asks for nothing else than there is', async () => {
    const body = { ...stored('web.example.com', ['web-a:443']), protocol: 'https' };
    const ran = await cli(['add', '--protocol', 'https', 'web.example.com', 'web-a:443', '--no-wait'], { 'POST /api/v1/services': { status: 201, body } });
    expect(ran).toMatchObject({ code: 0 });
    expect(api.got[0]?.body).toEqual({ host: 'web.example.com', endpoints: ['web-a:443'], protocol: 'https' });
    expect(await cli(['add', '--protocol', 'http2', 'web.example.com', 'web-a:443'], {})).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('http2') as unknown,
    });
  });

  it('says how to join an Envoy where there is none', async () => {
    const body = { ...stored('web.example.com', ['web-a:5678']), rollout: rolloutOf('no-envoys', { nodes: 0, acked: 0 }) };
    const ran = await cli(['add', 'web.example.com', 'web-a:5678'], { 'POST /api/v1/services': { status: 201, body } });
    expect(ran).toEqual({
      code: 0,
      stdout: 'web.example.com → web-a:5678, saved; no Envoy is connected yet (envoyage bootstrap shows how to join one)\n',
      stderr: '',
    });
  });

  it('returns when it is saved where nobody wants to wait', async () => {
    const ran = await cli(['add', 'web.example.com', 'web-b:5678', '--no-wait'], { 'POST /api/v1/services': { status: 201, body: web } });
    expect(ran.stdout).toBe('web.example.com → web-b:5678, saved as revision 7\n');
    expect(api.requests).toEqual(['POST /api/v1/services']);
  });

  it('hands on what the API refuses, with its hint', async () => {
    const refusal = new EnvoyageError('service-exists', 'web.example.com exists already, and leads to web-a:5678', {
      hint: 'envoyage switch web.example.com web-b:5678',
    });
    const ran = await cli(['add', 'web.example.com', 'web-b:5678'], { 'POST /api/v1/services': refusal });
    expect(ran).toEqual({
      code: 6,
      stdout: '',
      stderr: 'error: web.example.com exists already, and leads to web-a:5678\nhint: envoyage switch web.example.com web-b:5678\n',
    });
  });

  it.each([
    [['add', 'http://web.example.com', 'a:1'], 'the host "http://web.example.com" is a URL: leave out the scheme, as in web.example.com'],
    [['add', 'web.example.com', 'a:0'], 'the endpoint "a:0" has port 0, which is not within 1 to 65535'],
    [['add', 'web.example.com', 'a:1', 'b:70000'], 'the endpoint "b:70000" has port 70000, which is not within 1 to 65535'],
    [['switch', 'web..example.com', 'a:1'], 'the host "web..example.com" has an empty label (a dot too many)'],
    [['remove', 'web.example.com:80'], 'the host "web.example.com:80" has a port: a host matches requests to any port, as in web.example.com'],
  ])('refuses bad input before anything is sent: %j', async (argv, message) => {
    const ran = await cli(argv, {});
    expect([ran.code, ran.stdout, ran.stderr.split('\n')[0]]).toEqual([2, '', `error: ${message}`]);
    expect(api.requests).toEqual([]);
  });
});

describe('switch', () => {
  const path = 'PATCH /api/v1/services/web.example.com';

  it('sets the endpoints', async () => {
    const ran = await cli(['switch', 'web.example.com', 'web-b:5678'], { [path]: { body: { ...web, rollout: rolloutOf('live') } } });
    expect(ran).toEqual({ code: 0, stdout: 'web.example.com → web-b:5678, live on 3 of 3 Envoys in 14 ms\n', stderr: '' });
    expect(api.got).toMatchObject([{ request: `${path}?wait=acked&timeout=1`, body: { endpoints: ['web-b:5678'] } }]);
  });

  it('takes an id that no host could be, and one that has to be escaped', async () => {
    await cli(['switch', '42', 'a:1'], {});
    await cli(['switch', '*.example.com', 'a:1'], {});
    await cli(['switch', '[::1]', 'a:1'], {});
    expect(api.requests.map((request) => request.replace(/\?.*/, ''))).toEqual([
      'PATCH /api/v1/services/42',
      'PATCH /api/v1/services/*.example.com',
      'PATCH /api/v1/services/%5B%3A%3A1%5D',
    ]);
  });

  it('does not know a host that is not there', async () => {
    const ran = await cli(['switch', 'nope.example.com', 'a:1'], {
      'PATCH /api/v1/services/nope.example.com': new EnvoyageError('service-not-found', 'there is no service "nope.example.com"'),
    });
    expect(ran).toEqual({ code: 6, stdout: '', stderr: 'error: there is no service "nope.example.com"\n' });
  });

  it('goes on waiting past the first second, and shows who is awaited on a terminal', async () => {
    const pending = rolloutOf('pending', { acked: 2, pending: ['edge-1'], elapsedMs: 1000 });
    const answers = [pending, { ...pending, elapsedMs: 2000 }, rolloutOf('live', { elapsedMs: 2300 })];
    const routes: Routes = {
      [path]: () => ({ body: { ...web, rollout: answers.shift() } }),
      'GET /api/v1/revisions/7/rollout': () => ({ body: answers.shift() }),
    };
    const ran = await cli(['switch', 'web.example.com', 'web-b:5678'], routes, { terminal: 80, env: { NO_COLOR: '1' } });
    expect(ran.stdout).toBe('web.example.com → web-b:5678, live on 3 of 3 Envoys in 2.3 s\n');
    const clear = '\r\u001b[K';
    const line = `${clear}2 of 3 Envoys, waiting for edge-1 … 0 s`;
    expect(ran.stderr).toBe(line + line + clear);
    expect(api.requests).toEqual([
      `${path}?wait=acked&timeout=1`,
      'GET /api/v1/revisions/7/rollout?wait=acked&timeout=1',
      'GET /api/v1/revisions/7/rollout?wait=acked&timeout=1',
    ]);
  });

  it('shows no progress where nobody looks', async () => {
    const answers = [rolloutOf('pending', { acked: 2, pending: ['edge-1'] }), rolloutOf('live')];
    const next = () => ({ body: { ...web, rollout: answers.shift() } });
    const ran = await cli(['switch', 'web.example.com', 'web-b:5678'], { [path]: next, 'GET /api/v1/revisions/7/rollout': () => ({ body: answers.shift() }) });
    expect(ran.stderr).toBe('');
  });

  it('says who is awaited when the time is up', async () => {
    const pending = rolloutOf('pending', { acked: 2, pending: ['edge-1'], elapsedMs: 50 });
    const ran = await cli(['switch', 'web.example.com', 'web-b:5678', '--timeout', '0.05'], {
      [path]: { body: { ...web, rollout: pending } },
      'GET /api/v1/revisions/7/rollout': { body: pending },
    });
    expect(ran).toEqual({
      code: 4,
      stdout: 'web.example.com → web-b:5678, live on 2 of 3 Envoys after 50 ms; edge-1 has not answered yet\n',
      stderr: 'hint: it is saved, and goes on by itself; envoyage status shows every Envoy\n',
    });
    expect(api.requests[0]).toMatch(/timeout=0\.0\d+$/);
  });

  it("says what an Envoy refused, in the Envoy's words", async () => {
    const rejected = [{ node: 'edge-1', type: 'cds', message: `Error adding/updating cluster(s) web.example.com: ${'malformed IP address '.repeat(5)}` }];
    const ran = await cli(['switch', 'web.example.com', 'web-b:5678'], {
      [path]: { body: { ...web, rollout: rolloutOf('rejected', { acked: 2, rejected }) } },
    });
    expect(ran.code).toBe(5);
    expect(ran.stdout).toMatchInlineSnapshot(`
      "web.example.com → web-b:5678, live on 2 of 3 Envoys; 1 Envoy rejected it:
        edge-1 (cds)
          Error adding/updating cluster(s) web.example.com: malformed IP address
          malformed IP address malformed IP address malformed IP address malformed IP
          address
      "
    `);
  });

  it('is JSON on request, with the rollout as it was last seen', async () => {
    const routes: Routes = {
      [path]: { body: { ...web, rollout: rolloutOf('pending', { acked: 2, pending: ['edge-1'] }) } },
      'GET /api/v1/revisions/7/rollout': { body: rolloutOf('rejected', { acked: 2, rejected: [{ node: 'edge-1', type: 'cds', message: 'no' }] }) },
    };
    const ran = await cli(['switch', 'web.example.com', 'web-b:5678', '--json'], routes);
    expect([ran.code, ran.stderr]).toEqual([5, '']);
    expect(JSON.parse(ran.stdout)).toEqual({
      ...web,
      rollout: rolloutOf('rejected', { acked: 2, rejected: [{ node: 'edge-1', type: 'cds', message: 'no' }] }),
    });
  });

  it('says that the change is saved where the daemon goes away in between', async () => {
    const ran = await cli(['switch', 'web.example.com', 'web-b:5678'], {
      [path]: { body: { ...web, rollout: rolloutOf('pending', { acked: 2, pending: ['edge-1'] }) } },
      'GET /api/v1/revisions/7/rollout': () => Promise.reject(new Error('gone')),
    });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/^error: the change is saved as revision 7, but how far it came is not known: no daemon answers at /);
  });
});

describe('remove', () => {
  it('removes, and says so for each', async () => {
    const ran = await cli(['remove', 'a.example.com', 'b.example.com', 'A.example.com'], {
      'DELETE /api/v1/services/a.example.com': { body: { revision: 7, rollout: rolloutOf('live', { elapsedMs: 9 }) } },
      'DELETE /api/v1/services/b.example.com': { body: { revision: 8, rollout: rolloutOf('no-envoys', { revision: 8, nodes: 0, acked: 0 }) } },
    });
    expect(ran).toEqual({
      code: 0,
      stdout: 'a.example.com removed, gone from 3 of 3 Envoys in 9 ms\nb.example.com removed; no Envoy that is connected had it\n',
      stderr: '',
    });
  });

  it('goes on after one that is not there, and ends with its exit code', async () => {
    const routes: Routes = {
      'DELETE /api/v1/services/a.example.com': new EnvoyageError('service-not-found', 'there is no service "a.example.com"'),
      'DELETE /api/v1/services/b.example.com': { body: { revision: 8, rollout: rolloutOf('live', { revision: 8 }) } },
    };
    const ran = await cli(['remove', 'a.example.com', 'b.example.com'], routes);
    expect(ran).toEqual({
      code: 6,
      stdout: 'b.example.com removed, gone from 3 of 3 Envoys in 14 ms\n',
      stderr: 'error: there is no service "a.example.com"\n',
    });
    const json = await cli(['remove', 'a.example.com', 'b.example.com', '--json'], routes);
    expect(JSON.parse(json.stdout)).toEqual({ removed: [{ id: 'b.example.com', revision: 8, rollout: rolloutOf('live', { revision: 8 }) }] });
    expect(JSON.parse(json.stderr)).toMatchObject({ code: 'service-not-found', status: 404 });
  });

  it('returns when it is saved where nobody wants to wait', async () => {
    const ran = await cli(['remove', 'a.example.com', '--no-wait'], { 'DELETE /api/v1/services/a.example.com': { body: { revision: 7 } } });
    expect(ran.stdout).toBe('a.example.com removed as revision 7\n');
  });
});
