import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExplainAnswer } from '../api/types.ts';
import { FakeApi, run } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

const ANSWER: ExplainAnswer = {
  group: 'default',
  envoy: '1.40.0',
  revision: 3,
  outcome: 'services',
  request: { method: 'GET', scheme: 'http', host: 'web.example.com', path: '/api/users?page=2' },
  listener: { name: 'http', address: '0.0.0.0:10000', protocol: 'http' },
  host: 'web.example.com',
  route: { name: 'api', match: 1, origin: 'routes.yaml:3:1' },
  services: [
    { id: 'api', share: 2 / 3, endpoints: Array.from({ length: 12 }, (_, i) => `api-${i}:80`) },
    { id: 'api2', share: 1 / 3, endpoints: ['api2:80'] },
    { id: 'off', share: 0, endpoints: ['off:80'] },
  ],
  missing: ['edge-only'],
  rewrite: { path: '/users?page=2', host: 'inner' },
  others: [
    { route: 'gone', match: 0, because: 'the path /api/users is not /gone' },
    { route: 'a-route-with-a-long-name', match: 0, because: `the header x-version is ${'"1" and '.repeat(12)}"3", which is not "2"` },
  ],
};

async function explain(answer: Partial<ExplainAnswer> = {}, args: string[] = [], url = 'http://web.example.com/api/users?page=2') {
  api.routes = { 'GET /api/v1/explain': { body: { ...ANSWER, ...answer } } };
  return await run(['explain', url, '--server', api.url, ...args], { terminal: 80, env: { NO_COLOR: '1' } });
}

describe('explain', () => {
  it('says what a request meets, and why nothing else does', async () => {
    const { code, stdout, stderr } = await explain();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`GET http://web.example.com/api/users?page=2 in group default, as Envoy 1.40.0
has it

It goes to one of api (66.7 %) and api2 (33.3 %).

  listener   http (0.0.0.0:10000)
  host       web.example.com
  route      api, match 1 (routes.yaml:3:1)
  sent path  /users?page=2
  sent host  inner
  service    api, 66.7 %: api-0:80, api-1:80, api-2:80, api-3:80, api-4:80,
             api-5:80, api-6:80, api-7:80 and 4 more
  service    api2, 33.3 %: api2:80
  service    off, 0 %: off:80
  not here   edge-only: this group does not have it

Not met, in the order in which they are asked:
  ROUTE                     MATCH  WHY
  gone                      0      the path /api/users is not /gone
  a-route-with-a-long-name  0      the header x-version is "1" and "1" and "1"
                                   and "1" and "1" and "1" and "1" and "1" and
                                   "1" and "1" and "1" and "1" and "3", which is
                                   not "2"
`);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('sends what it is given', async () => {
    await explain({}, ['-H', 'X-A: 1', '-H', 'X-B: 2', '-X', 'POST', '--group', 'edge', '--envoy', '1.36.2'], 'https://web.example.com/ü');
    expect(api.requests).toEqual([
      'GET /api/v1/explain?url=https%3A%2F%2Fweb.example.com%2F%C3%BC&method=POST&header=X-A%3A+1&header=X-B%3A+2&group=edge&envoy=1.36.2',
    ]);
  });

  it.each<[Partial<ExplainAnswer>, number, string]>([
    [{ outcome: 'services', route: null, services: [{ id: 'web', share: 1, endpoints: ['web-a:1'] }] }, 0, 'It goes to service web, whose host it is.'],
    [{ outcome: 'redirect', status: 308, location: 'https://a/' }, 0, 'Envoy answers 308: go to https://a/'],
    [{ outcome: 'respond', status: 410, body: 'gone\n' }, 0, 'Envoy answers 410 itself.'],
    [{ outcome: 'no-host', status: 404, because: 'nobody has the host a', host: null, route: null }, 6, 'Envoy answers 404: nobody has the host a.'],
    [
      { outcome: 'no-listener', because: 'no listener of this group takes https', listener: null, host: null },
      6,
      'Nobody answers: no listener of this group takes https.',
    ],
    [
      { outcome: 'no-service', status: 503, because: 'none of its services is in this group: a', services: [] },
      6,
      'Envoy answers 503: none of its services is in this group: a.',
    ],
  ])('of %j exits with %i', async (answer, exit, sentence) => {
    const { code, stdout } = await explain(answer);
    expect(code).toBe(exit);
    expect(stdout).toContain(`\n${sentence}\n`);
  });

  it('lists at most 20 that were not met, or all', async () => {
    const others = Array.from({ length: 30 }, (_, i) => ({ route: `r${i}`, match: 0, because: 'no' }));
    expect((await explain({ others })).stdout).toMatch(/r19 +0 +no\n {2}and 10 more \(--all lists every one\)\n$/);
    expect((await explain({ others }, ['--all'])).stdout).toMatch(/r29 +0 +no\n$/);
  });

  it('has colours on a terminal, and nothing from elsewhere that would steer it', async () => {
    api.routes = { 'GET /api/v1/explain': { body: { ...ANSWER, outcome: 'no-host', because: 'a\u001b[2Jb' } } };
    const { stdout } = await run(['explain', 'http://a/', '--server', api.url], { terminal: 80, env: { TERM: 'xterm' } });
    expect(stdout).toContain('\u001b[1mNobody answers: a\ufffd[2Jb.\u001b[22m');
  });

  it('answers in JSON', async () => {
    const { stdout } = await explain({}, ['--json']);
    expect(JSON.parse(stdout)).toEqual(ANSWER);
  });

  it('refuses a group that is none', async () => {
    expect(await explain({}, ['--group', 'a b'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: --group "a b": a group must be/) });
  });
});
