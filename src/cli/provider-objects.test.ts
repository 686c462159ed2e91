import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiObject, ExplainAnswer, FleetEvent } from '../api/types.ts';
import { describeEvent } from './event-text.ts';
import { FakeApi, NOW, rolloutOf, run } from './harness.fixture.ts';
import { plain } from './io.ts';

/** Where an object comes from is seen wherever it is seen. */

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

const envoyage = (...args: string[]) => run([...args, '--server', api.url], { terminal: 80, env: { NO_COLOR: '1', EDITOR: 'false' } });
const time = new Date(NOW - 60_000).toISOString();
const about = { revision: 7, createdAt: time, updatedAt: time };
const web: ApiObject = {
  kind: 'Service',
  name: 'shop.web',
  host: 'web.example.com',
  endpoints: ['10.0.0.1:80'],
  ...about,
  updatedBy: 'docker@provider',
  provider: 'docker',
  origin: 'container shop-web-1',
};
const own: ApiObject = { kind: 'Service', name: 'wiki', host: 'wiki.example.com', endpoints: ['wiki:80'], ...about, updatedBy: 'ann@laptop' };

describe('an object of a provider', () => {
  it('is listed with its provider, and found by that name, too', async () => {
    api.routes = { 'GET /api/v1/objects': { body: { objects: [web, own], revision: 7 } }, 'GET /api/v1/objects/Service/shop.web': { body: web } };
    expect((await envoyage('get')).stdout).toMatchInlineSnapshot(`
      "  KIND     NAME             WHAT                           GROUPS  CHANGED
        Service  shop.web@docker  web.example.com → 10.0.0.1:80  all     1 min ago
        Service  wiki             wiki.example.com → wiki:80     all     1 min ago
      "
    `);
    expect((await envoyage('get', 'service', 'shop.web@docker', '-o', 'json')).stdout).toContain('"provider": "docker"');
  });

  it('is left out of an export unless it is asked for', async () => {
    api.routes = { 'GET /api/v1/objects': { body: { objects: [web, own], revision: 7 } } };
    expect((await envoyage('export')).stdout).toBe(
      '# 1 object of providers is left out: envoyage export --all has it.\n---\nkind: Service\nname: wiki\nhost: wiki.example.com\nendpoints:\n  - wiki:80\n',
    );
    expect((await envoyage('export', '--all')).stdout).toContain('---\n# of provider docker, container shop-web-1\nkind: Service\nname: shop.web\n');
    const names = (text: string) => (JSON.parse(text) as ApiObject[]).map(({ name }) => name);
    expect(names((await envoyage('export', '--json')).stdout)).toEqual(['wiki']);
    expect(names((await envoyage('export', '--all', '--json')).stdout)).toEqual(['shop.web', 'wiki']);
  });

  it('is not opened in an editor, since it could not be saved', async () => {
    api.routes = { 'GET /api/v1/objects/Service/shop.web': { body: web } };
    expect(await envoyage('edit', 'service', 'shop.web')).toEqual({
      code: 6,
      stdout: '',
      stderr:
        'error: Service shop.web comes from provider "docker", container shop-web-1: it is changed there\n' +
        'hint: change it where it comes from; envoyage override shop.web --drain, --disable or --weight NUMBER is laid over it meanwhile\n',
    });
  });

  it('is named with its provider where a request meets it', async () => {
    const answer: ExplainAnswer = {
      group: 'default',
      envoy: null,
      revision: 3,
      outcome: 'services',
      request: { method: 'GET', scheme: 'http', host: 'web.example.com', path: '/' },
      listener: null,
      host: 'web.example.com',
      route: { name: 'shop.web', match: 0, origin: 'container shop-web-1', provider: 'docker' },
      services: [{ id: 'shop.web', provider: 'docker', share: 1, endpoints: ['10.0.0.1:80'] }],
      missing: [],
      others: [],
    };
    api.routes = { 'GET /api/v1/explain': { body: answer } };
    const { stdout } = await envoyage('explain', 'http://web.example.com/');
    expect(stdout).toContain('It goes to service shop.web@docker.');
    expect(stdout).toMatch(/^ {2}route +shop\.web@docker, match 0 \(container shop-web-1\)$/m);
    expect(stdout).toMatch(/^ {2}service +shop\.web@docker, 100 %: 10\.0\.0\.1:80$/m);
  });

  it('is named with its provider in the history', async () => {
    const after = { id: 'shop.web', endpoints: ['10.0.0.1:80'] };
    const revision = { number: 7, time, author: 'docker@provider', provider: 'docker', changes: [{ id: 'shop.web', before: null, after }] };
    api.routes = {
      'GET /api/v1/revisions': { body: { revisions: [revision], next: null } },
      'GET /api/v1/revisions/7/rollout': { body: rolloutOf('live') },
    };
    const { stdout } = await run(['history', '--server', api.url], { env: { NO_COLOR: '1' } });
    expect(stdout).toContain('docker@provider  service "shop.web@docker" created  live on 3 of 3 Envoys');
  });

  it('is named with its provider in the events, and so is what the provider says', () => {
    const at = { revision: 7, time };
    const override = {
      service: 'shop.web',
      endpoint: '10.0.0.1:80',
      state: 'draining',
      by: 'ann@laptop',
      at: time,
      until: new Date(NOW).toISOString(),
    } as const;
    const events: FleetEvent[] = [
      { ...at, event: 'revision', author: 'docker@provider', provider: 'docker', changes: [{ kind: 'Service', name: 'shop.web', change: 'created' }] },
      { ...at, event: 'provider', name: 'docker', state: 'ok', problems: [], problemCount: 0 },
      { ...at, event: 'provider', name: 'docker', state: 'down', message: 'connect ENOENT /var/run/docker.sock', problems: [], problemCount: 0 },
      {
        ...at,
        event: 'provider',
        name: 'files',
        state: 'degraded',
        problems: [{ code: 'host-taken', origin: 'a.yaml:3:1', message: 'the host a.example.com is taken' }],
        problemCount: 3,
      },
      { ...at, event: 'override', what: 'laid', by: 'ann@laptop', override: { ...override, reason: 'new kernel' } },
      { ...at, event: 'override', what: 'cleared', by: 'bob@desk', override },
      { ...at, event: 'override', what: 'ended', override },
    ];
    expect(events.map((event) => describeEvent(event, plain))).toMatchInlineSnapshot(`
      [
        "11:59:00  revision 7 by docker@provider: Service shop.web@docker created",
        "11:59:00  provider docker is ok",
        "11:59:00  provider docker is down: connect ENOENT /var/run/docker.sock",
        "11:59:00  provider files is degraded; 3 problems: a.yaml:3:1: the host a.example.com is taken (envoyage providers files has all)",
        "11:59:00  ann@laptop laid an override: 10.0.0.1:80 of shop.web → draining for 1 min (new kernel)",
        "11:59:00  bob@desk took away the override: 10.0.0.1:80 of shop.web → draining for 1 min",
        "11:59:00  the time is up of the override: 10.0.0.1:80 of shop.web → draining for 1 min",
      ]
    `);
  });
});
