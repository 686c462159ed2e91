import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseWish } from '../../src/model/schemas.ts';
import { type Echo, type EchoServer, startEcho } from '../support/echo.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { type RawAnswer, rawRequest } from '../support/raw-http.ts';
import { RoutedEnvoy } from '../support/routed-envoy.ts';

const HOST = 'web.example.com';
const PARTS = 2000;

/** What the upstream does with a path: a status, nothing at all, or an answer after so many that failed. */
function behave(path: string, response: ServerResponse, count: number): boolean {
  const [, word, number] = /\/(status|silent|after|half)\/?(\d*)/.exec(path) ?? [];
  if (word === 'status') response.writeHead(Number(number)).end();
  else if (word === 'after' && count <= Number(number)) response.writeHead(503).end();
  // An answer that begins and does not go on.
  else if (word === 'half') response.writeHead(200, { 'content-length': 100 }).write('half');
  else return word === 'silent';
  return true;
}

describe.each(ENVOY_VERSIONS)('routes through Envoy %s', (version) => {
  let folder: string;
  let echo: EchoServer;
  let envoy: RoutedEnvoy;
  /** How often the upstream was asked in this test. */
  let since = 0;

  beforeAll(async () => {
    const bin = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-words-'));
    echo = await startEcho((request, response, count) => behave(request.url ?? '', response, count - since));
    const alive = `127.0.0.1:${echo.port}`;
    const dead = `127.0.0.1:${await freePort()}`;
    const route = (name: string, path: string, more: object): object => ({ kind: 'Route', name, hosts: [HOST], match: [{ path }], service: 'one', ...more });
    const objects = [
      { id: 'web', host: HOST, endpoints: [alive] },
      { id: 'one', host: 'one.example.com', endpoints: [alive] },
      { id: 'two', host: 'two.example.com', endpoints: [alive] },
      { id: 'lame', host: 'lame.example.com', endpoints: [dead, alive] },
      route('split', '/split', { service: undefined, to: [{ service: 'one', weight: 9 }, 'two', { service: 'lame', weight: 0 }] }),
      route('by-default', '/by-default', {}),
      route('never', '/never', { retries: 0 }),
      route('retried', '/retried', { retries: { attempts: 3, on: ['5xx'], backoff: { base: '1ms', max: '2ms' } } }),
      route('by-status', '/by-status', { retries: { attempts: 2, statuses: [409], backoff: { base: '1ms' } } }),
      route('slow', '/slow', { timeout: '300ms' }),
      route('idle', '/idle', { idleTimeout: '300ms' }),
      route('per-try', '/per-try', { timeout: '20s', retries: { attempts: 2, on: ['5xx'], perTryTimeout: '300ms', backoff: { base: '1ms' } } }),
      route('lame', '/lame', { service: 'lame' }),
      route('headers', '/headers', {
        headers: {
          request: { set: { 'x-set': 'new', 'x-share': '100%%' }, add: { 'x-add': 'second' }, remove: ['x-secret'] },
          response: { set: { 'content-type': 'text/x', 'x-proto': '%PROTOCOL%' }, add: { 'x-more': 'b' }, remove: ['x-upstream'] },
        },
      }),
      route('kind-get', '/kind', { match: [{ path: '/kind', methods: ['get'] }] }),
      route('kind-some', '/kind', { match: [{ path: '/kind', methods: ['post', 'put'] }] }),
      route('kind-header', '/kind', { match: [{ path: '/kind', headers: { 'x-version': { regex: 'v[0-9]+' } } }] }),
      route('kind-absent', '/kind', { match: [{ path: '/kind', methods: ['delete'], headers: { 'x-version': { present: false } } }] }),
      route('kind-query', '/kind', { match: [{ path: '/kind', methods: ['delete'], query: { v: { prefix: '2.' }, debug: { present: true } } }] }),
      route('to-https', '/to-https', { service: undefined, redirect: 'https' }),
      route('to-new', '/old', { service: undefined, redirect: { prefix: '/', host: 'www.example.com', port: 8443, status: 308, dropQuery: true } }),
      route('gone', '/gone', { service: undefined, respond: { status: 410, body: 'gone\n' }, headers: { response: { set: { 'content-type': 'text/html' } } } }),
      route('under', '/under', { rewrite: { prefix: '/', host: 'inner.example.com' } }),
      route('whole', '/whole', { rewrite: { path: '/other' } }),
      route('regex', '/u', { rewrite: { regex: { pattern: '^/u/([^/]+)', with: '/users/\\1' } } }),
    ];
    envoy = await RoutedEnvoy.start(bin, folder, objects.map(parseWish));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await envoy.stop();
    await echo.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    since = echo.seen.length;
  });

  const ask = (path: string, method = 'GET', headers: readonly (readonly [string, string])[] = []): Promise<RawAnswer> =>
    rawRequest(envoy.port, method, path, [['Host', HOST], ...headers]);
  const sent = async (path: string, headers: readonly (readonly [string, string])[] = []): Promise<Echo> =>
    JSON.parse((await ask(path, 'GET', headers)).body) as Echo;
  const attempts = (): number => echo.seen.length - since;
  const routeOf = async (path: string, method: string, headers: readonly (readonly [string, string])[] = []) =>
    (await ask(path, method, headers)).headers.get('x-met-route');

  it('split requests by weight', async () => {
    const counts = new Map<string | undefined, number>();
    for (let i = 0; i < PARTS; i += 20) {
      for (const { headers } of await Promise.all(Array.from({ length: 20 }, () => ask('/split')))) {
        const cluster = headers.get('x-met-cluster');
        counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
      }
    }
    expect([...counts.keys()].toSorted()).toEqual(['one', 'two']);
    // Five standard deviations of the binomial distribution: once in two million runs by chance.
    expect(Math.abs((counts.get('one') ?? 0) - PARTS * 0.9)).toBeLessThan(5 * Math.sqrt(PARTS * 0.9 * 0.1));
  });

  it.each([
    ['/by-default/status/503', 503, 1],
    ['/never/status/503', 503, 1],
    ['/retried/status/503', 503, 4],
    ['/retried/status/409', 409, 1],
    ['/retried/after/2', 200, 3],
    ['/by-status/status/409', 409, 3],
    ['/by-status/status/503', 503, 1],
  ])('ask again or not: %s answers %i after %i attempts', async (path, status, times) => {
    expect([(await ask(path)).status, attempts()]).toEqual([status, times]);
  });

  it('ask another endpoint where one cannot be reached', async () => {
    for (let i = 0; i < 20; i++) expect((await ask('/lame')).status).toBe(200);
  });

  it('do not wait longer than they are told', async () => {
    expect([await ask('/slow/silent'), attempts()]).toMatchObject([{ status: 504 }, 1]);
    expect([await ask('/per-try/silent'), attempts()]).toMatchObject([{ status: 504 }, 4]);
    expect(await ask('/idle/silent')).toMatchObject({ status: 504 });
    expect(await ask('/slow')).toMatchObject({ status: 200 });
    // The time is up in the middle of an answer: it is cut off.
    expect(await ask('/slow/half')).toMatchObject({ status: 200, body: 'half' });
  });

  it('change headers on both ways', async () => {
    const answer = await ask('/headers', 'GET', [
      ['X-Set', 'old'],
      ['X-Add', 'first'],
      ['X-Secret', 's'],
    ]);
    const { headers } = JSON.parse(answer.body) as Echo;
    expect(headers).toMatchObject({ 'x-set': 'new', 'x-share': '100%', 'x-add': ['first', 'second'] });
    expect(headers).not.toHaveProperty('x-secret');
    expect(Object.fromEntries(answer.headers)).toMatchObject({ 'content-type': 'text/x', 'x-proto': 'HTTP/1.1', 'x-more': 'b' });
    expect([answer.headers.has('x-upstream'), (await ask('/slow')).headers.has('x-upstream')]).toEqual([false, true]);
  });

  it('match methods, headers and queries', async () => {
    const version = ['X-Version', 'v2'] as const;
    expect(await routeOf('/kind', 'GET')).toBe('kind-get');
    expect(await routeOf('/kind', 'POST')).toBe('kind-some');
    expect(await routeOf('/kind', 'PUT')).toBe('kind-some');
    expect(await routeOf('/kind', 'PATCH')).toBeUndefined();
    expect(await routeOf('/kind', 'PATCH', [version])).toBe('kind-header');
    expect(await routeOf('/kind', 'PATCH', [['X-Version', 'v']])).toBeUndefined();
    expect(await routeOf('/kind', 'DELETE')).toBe('kind-absent');
    expect(await routeOf('/kind?v=2.1&debug', 'DELETE')).toBe('kind-query');
    expect(await routeOf('/kind?v=1.2&debug', 'DELETE')).toBe('kind-absent');
    expect(await routeOf('/kinds', 'GET')).toBeUndefined();
  });

  it('answer themselves', async () => {
    expect(await ask('/gone')).toMatchObject({ status: 410, body: 'gone\n' });
    expect((await ask('/gone')).headers.get('content-type')).toBe('text/html');
    const redirect = async (path: string) => {
      const { status, headers } = await ask(path);
      return [status, headers.get('location')];
    };
    expect(await redirect('/to-https/a?b=c')).toEqual([301, `https://${HOST}/to-https/a?b=c`]);
    expect(await redirect('/old/a?b=c')).toEqual([308, 'http://www.example.com:8443/a']);
    expect(await redirect('/old')).toEqual([308, 'http://www.example.com:8443/']);
    expect(attempts()).toBe(0);
  });

  it('rewrite what the service is sent', async () => {
    expect(await sent('/under/a/b?c=d')).toMatchObject({ path: '/a/b?c=d', headers: { host: 'inner.example.com' } });
    expect((await sent('/under')).path).toBe('/');
    expect((await sent('/whole/a?b')).path).toBe('/other?b');
    expect((await sent('/u/7/x')).path).toBe('/users/7/x');
  });
});
