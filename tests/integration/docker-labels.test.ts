import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { parseWish } from '../../src/model/schemas.ts';
import { declareServices, LABEL_DEFAULTS } from '../../src/providers/docker/declare.ts';
import { engineOf, type ShortContainer } from '../support/docker-containers.ts';
import { type Echo, type EchoServer, startEcho } from '../support/echo.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { type RawAnswer, rawRequest } from '../support/raw-http.ts';
import { RoutedEnvoy } from '../support/routed-envoy.ts';

const NOW = new Date('2026-01-01T00:10:00Z');

/** What labels come to in an Envoy. */
describe.each(ENVOY_VERSIONS)('Docker labels, and what Envoy %s makes of them', (version) => {
  let folder: string;
  let upstreams: EchoServer[];
  let envoy: RoutedEnvoy;
  let tlsPort: number;

  beforeAll(async () => {
    const bin = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-labels-'));
    upstreams = await Promise.all([startEcho(), startEcho(), startEcho()]);
    tlsPort = await freePort();
    let count = 0;
    /** A container that one of the upstreams stands for. */
    const container = (upstream: number, compose: string, labels: Readonly<Record<string, string>>, rest: ShortContainer = {}): ShortContainer => ({
      name: `c${count++}`,
      compose,
      networks: { n: '127.0.0.1' },
      ...rest,
      labels: { 'envoyage.enable': 'true', 'envoyage.port': String(upstreams[upstream]?.port), ...labels },
    });
    const many = { 'envoyage.host': 'many.test' };
    const containers = [
      container(0, 'p/web', { 'envoyage.host': 'web.test' }),
      container(1, 'p/api', { 'envoyage.host': 'web.test', 'envoyage.path': '/api', 'envoyage.path.strip': 'true' }),
      container(0, 'p/many', many, { health: 'unhealthy' }),
      container(1, 'p/many', many, { stoppingSince: '2026-01-01T00:09:59Z' }),
      container(2, 'p/many', many),
      container(0, 'p/gone', { 'envoyage.host': 'gone.test' }, { state: 'exited', exitedAt: '2026-01-01T00:09:59Z' }),
      container(0, 'p/secure', { 'envoyage.host': 'secure.test', 'envoyage.path': '/shop', 'envoyage.tls.redirect': 'true' }),
      container(0, 'p/plain', { 'envoyage.host': 'plain.test', 'envoyage.tls': 'off' }),
      container(0, 'p/split', { 'envoyage.host': 'split.test' }),
      container(1, 'p/split', { 'envoyage.host': 'split.test', 'envoyage.version': 'v2', 'envoyage.split.v2': '100' }),
      container(1, 'p/match', { 'envoyage.host': 'match.test', 'envoyage.header.X-Version': '2', 'envoyage.header.x-any': '*', 'envoyage.method': 'get' }),
    ];
    const { state } = declareServices([engineOf({ containers })], LABEL_DEFAULTS, NOW);
    expect(state.problems).toEqual([]);
    const tls = [
      { kind: 'Certificate', name: 'web', cert: CERTIFICATE, key: KEY },
      { kind: 'Listener', name: 'https', address: `127.0.0.1:${tlsPort}`, certificates: ['web'] },
    ];
    envoy = await RoutedEnvoy.start(bin, folder, [...tls, ...state.objects.map(({ object }) => object)].map(parseWish));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await envoy.stop();
    await Promise.all(upstreams.map((each) => each.close()));
    await rm(folder, { recursive: true });
  });

  const ask = (host: string, path = '/', headers: readonly (readonly [string, string])[] = [], method = 'GET'): Promise<RawAnswer> =>
    rawRequest(envoy.port, method, path, [['Host', host], ...headers]);
  const askByTls = (host: string, path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = { port: tlsPort, host: '127.0.0.1', path, headers: { host }, servername: host, agent: new Agent({ rejectUnauthorized: false }) };
      request(options, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      })
        .on('error', reject)
        .end();
    });
  const cluster = async (...asked: Parameters<typeof ask>): Promise<string | undefined> => (await ask(...asked)).headers.get('x-met-cluster');

  it('lead a host and a path to their containers', async () => {
    expect(await cluster('web.test')).toBe('p.web');
    const stripped = await ask('web.test', '/api/users');
    expect([stripped.headers.get('x-met-cluster'), (JSON.parse(stripped.body) as Echo).path]).toEqual(['p.api', '/users']);
    expect((await ask('nobody.test')).status).toBe(404);
  });

  it('send nothing to what is unhealthy or stops, and answer 503 for what lingers', async () => {
    const before = upstreams.map(({ seen }) => seen.length);
    for (let i = 0; i < 12; i++) expect((await ask('many.test')).status).toBe(200);
    const [a = 0, b = 0, c = 0] = before;
    expect(upstreams.map(({ seen }) => seen.length)).toEqual([a, b, c + 12]);
    expect((await ask('gone.test')).status).toBe(503);
  });

  it('send what comes without TLS to https, whatever the client says of itself, and nothing else', async () => {
    for (const headers of [[], [['X-Forwarded-Proto', 'https']]] as const) {
      const answer = await ask('secure.test', '/shop/a?b=c', headers);
      expect([answer.status, answer.headers.get('location')]).toEqual([301, 'https://secure.test/shop/a?b=c']);
    }
    expect((await ask('secure.test', '/')).status).toBe(404);
    expect(await askByTls('secure.test', '/shop/a')).toBe(200);
  });

  it('keep what is off TLS off it', async () => {
    expect(await cluster('plain.test', '/', [['X-Forwarded-Proto', 'https']])).toBe('p.plain');
    expect(await askByTls('plain.test', '/')).toBe(404);
    expect(await askByTls('web.test', '/')).toBe(200);
  });

  it('share requests among versions, and look at headers and methods', async () => {
    expect(await cluster('split.test')).toBe('p.split.v2');
    const headers = [
      ['X-VERSION', '2'],
      ['X-Any', 'x'],
    ] as const;
    expect((await ask('match.test', '/', headers)).status).toBe(200);
    expect((await ask('match.test', '/', headers, 'POST')).status).toBe(404);
    expect((await ask('match.test', '/', headers.slice(0, 1))).status).toBe(404);
  });
});
