import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behaviourOf } from '../../src/model/envoy-behaviour.ts';
import { explain } from '../../src/model/explain.ts';
import type { Explanation } from '../../src/model/explanation.ts';
import type { Listener } from '../../src/model/listener.ts';
import type { SentRequest } from '../../src/model/seen-request.ts';
import { type Echo, type EchoServer, startEcho } from '../support/echo.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { type RawAnswer, rawRequest } from '../support/raw-http.ts';
import { RoutedEnvoy } from '../support/routed-envoy.ts';
import { routingGame } from '../support/routing-game.ts';

/** `EXPLAIN_SEEDS=100` plays many. */
const SEEDS = Array.from({ length: Number(process.env['EXPLAIN_SEEDS'] ?? 4) }, (_, i) => i + 1);
const ROUTES = 200;
const REQUESTS = 500;

describe.each(ENVOY_VERSIONS)('explain, and what Envoy %s does', (version) => {
  let bin: string;
  let folder: string;
  let echo: EchoServer;
  const outcomes = new Set<string>();

  beforeAll(async () => {
    bin = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-explain-'));
    echo = await startEcho();
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await echo.close();
    await rm(folder, { recursive: true });
  });

  it.each(SEEDS)(`agree on ${REQUESTS} requests over ${ROUTES} routes of seed %i`, async (seed) => {
    const { objects, requests } = routingGame(seed, ROUTES, REQUESTS, echo.port);
    const envoy = await RoutedEnvoy.start(bin, folder, objects);
    try {
      const builtIn: Listener = { kind: 'Listener', name: 'http', address: `127.0.0.1:${envoy.port}`, protocol: 'http' };
      const disagreements: object[] = [];
      for (const request of requests) {
        const explanation = explain({ objects, group: 'default', builtIn, envoy: behaviourOf(version) }, request);
        outcomes.add(explanation.outcome);
        const answer = await ask(envoy.port, request);
        const [expected, found] = [told(explanation, answer), seen(answer, explanation)];
        if (!isDeepStrictEqual(expected, found)) disagreements.push({ request, expected, found });
      }
      expect(disagreements).toEqual([]);
    } finally {
      await envoy.stop();
    }
  });

  it('came to every outcome', () => {
    expect(outcomes).toEqual(new Set(['services', 'redirect', 'respond', 'refused', 'no-host', 'no-route', 'no-service']));
  });
});

function ask(envoy: number, { host, port, path, method, headers }: SentRequest): Promise<RawAnswer> {
  return rawRequest(envoy, method, path, [['Host', port === undefined ? host : `${host}:${port}`], ...headers]);
}

/** What the explanation says that the answer has to be; a service only of those that it may be. */
function told({ outcome, status = 200, host, route, services, request, rewrite, location, body }: Explanation, answer: RawAnswer): object {
  const names = route === null ? [''] : [route.name, `${route.name}/${route.match}`];
  const met = { host, route: names.find((name) => name === routeOf(answer)) ?? names };
  switch (outcome) {
    case 'services': {
      const cluster = answer.headers.get('x-met-cluster');
      const possible = services.filter(({ share }) => share > 0).map(({ id }) => id);
      return {
        status,
        ...met,
        isPossible: true,
        path: rewrite?.path ?? request.path,
        ...(rewrite?.host === undefined ? {} : { to: rewrite.host }),
        cluster: possible.includes(cluster ?? '') ? cluster : possible,
      };
    }
    case 'redirect':
      return { status, ...met, location };
    case 'respond':
      return { status, ...met, body: body ?? '' };
    case 'no-service':
      return { status, ...met, isPossible: true };
    default:
      return { status, isPossible: true };
  }
}

function seen({ status, headers, body }: RawAnswer, { outcome, rewrite }: Explanation): object {
  const met = { host: headers.get('x-met-host'), route: routeOf({ headers }) };
  switch (outcome) {
    case 'services': {
      const { path = body, headers: sent }: Partial<Echo> = body.startsWith('{') ? (JSON.parse(body) as Echo) : {};
      return { status, ...met, isPossible: true, path, ...(rewrite?.host === undefined ? {} : { to: sent?.['host'] }), cluster: headers.get('x-met-cluster') };
    }
    case 'redirect':
      return { status, ...met, location: headers.get('location') };
    case 'respond':
      return { status, ...met, body };
    case 'no-service':
      return { status, ...met, isPossible: body.includes('leads to no service') };
    default:
      return { status, isPossible: outcome === 'refused' || !headers.has('x-met-route') };
  }
}

/** A host's own service has a route without a name. */
function routeOf({ headers }: Pick<RawAnswer, 'headers'>): string {
  return headers.get('x-met-route') ?? '';
}
