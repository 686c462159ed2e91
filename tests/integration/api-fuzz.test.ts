import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, TestApi } from '../support/api.ts';

const SERVICES = '/api/v1/services';

/** Mulberry32: the same numbers for the same seed, so that what was found can be found again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) % 0x100000000) % sides;
  };
}

type Dice = ReturnType<typeof dice>;

const pick = <T>(roll: Dice, from: readonly T[]): T => from[roll(from.length)] as T;

const WORDS = [
  'id',
  'host',
  'endpoints',
  'groups',
  'labels',
  'address',
  'weight',
  'protocol',
  'tls',
  'balancer',
  'hashOn',
  'health',
  'outlier',
  'timeouts',
  'limits',
  'revision',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'a',
  '0',
  '$ref',
  '-',
  '~',
  '/',
  'é',
  '💩',
  '\u0000',
  '\ud800',
  '\u202e',
  'x'.repeat(300),
];
const TEXTS = [
  'web.example.com',
  'web-a:5678',
  '[::1]:80',
  '*.example.com',
  '1.2.3.4',
  'http://a',
  'a:0',
  'a:65536',
  ':',
  '[',
  ']',
  '[]',
  '[]:1',
  '%',
  '%00',
  '..',
  '/',
  '\\',
  '\n',
  ' ',
  'null',
  'xds_cluster',
  'ü',
  'xn--',
  ...WORDS,
];

function anyJson(roll: Dice, depth = 0): unknown {
  const kind = roll(depth > 4 ? 6 : 9);
  if (kind === 0) return null;
  if (kind === 1) return roll(2) === 0;
  if (kind === 2) return pick(roll, [0, -1, 1.5, 1e308, -0, 2 ** 53, roll(100_000)]);
  if (kind < 6) return pick(roll, TEXTS);
  if (kind < 7) return Array.from({ length: roll(5) }, () => anyJson(roll, depth + 1));
  // Not an object literal: __proto__ is to be a member.
  return Object.fromEntries(Array.from({ length: roll(6) }, () => [pick(roll, WORDS), anyJson(roll, depth + 1)]));
}

/** A service with something wrong about it. */
function wrongService(roll: Dice): unknown {
  const service: Record<string, unknown> = { host: 'web.example.com', endpoints: ['web-a:5678'], groups: ['edge'] };
  const wrong: (() => unknown)[] = [
    () => ({ ...service, [`x${pick(roll, WORDS)}`]: anyJson(roll) }),
    () => ({ ...service, host: pick(roll, [null, 5, [], {}, '', 'a b', 'http://a', '[', 'a:80', '%', '\u0000', 'x'.repeat(300)]) }),
    () => ({ ...service, endpoints: pick(roll, [null, 5, 'a:1', [], {}, [null], [[]], ['a'], ['a:0'], ['a:1', 5]]) }),
    () => ({ ...service, groups: pick(roll, [5, 'edge', {}, [null], ['a b'], [''], [[]]]) }),
    () => ({ ...service, endpoints: [pick(roll, [{}, { address: 5 }, { address: 'a:1', weight: 0 }, { address: 'a:1', state: anyJson(roll) ?? 5 }])] }),
    () => ({
      ...service,
      [pick(roll, ['protocol', 'tls', 'balancer', 'health', 'outlier', 'timeouts', 'limits', 'labels'])]: pick(roll, [5, null, 'x', [], { x: 1 }]),
    }),
    () => ({ ...service, id: pick(roll, [5, '', [], {}, 'A', 'a/b', ' ']) }),
    () => [service, { ...service, host: 'other.example.com', endpoints: [anyJson(roll), ':'] }],
  ];
  return pick(roll, wrong)();
}

/** JSON that was damaged on its way. */
function broken(roll: Dice, text: string): Buffer {
  const bytes = Buffer.from(text);
  for (let i = 0; i <= roll(4); i++) if (bytes.length > 0) bytes[roll(bytes.length)] = roll(256);
  return roll(3) === 0 ? bytes.subarray(0, roll(bytes.length + 1)) : bytes;
}

function anyPath(roll: Dice): string {
  const parts = [
    'api',
    'v1',
    'services',
    'web.example.com',
    'reload-xds',
    'nodes',
    'revisions',
    '1',
    'rollout',
    'daemon',
    'xds',
    'stats',
    'healthz',
    'metrics',
    'openapi.json',
    '..',
    '.',
    '%2e%2e',
    '%2F',
    '%00',
    '%zz',
    '%',
    '',
    '*',
    '[::1]',
    '__proto__',
    ';',
    'x'.repeat(600),
  ];
  const path = `/${Array.from({ length: 1 + roll(6) }, () => pick(roll, parts)).join('/')}`;
  const query = [
    '',
    '',
    '?',
    '?wait=acked',
    '?wait=acked&timeout=0',
    '?timeout=-1',
    '?limit=1',
    '?before=x',
    '?__proto__=1',
    '?a[b]=c',
    '?%',
    '?%zz=%',
    `?${'x'.repeat(600)}`,
    '?wait=acked?wait=acked',
    '?&&&===',
    '?#',
  ];
  return path + pick(roll, query);
}

function anyHeaders(roll: Dice): Record<string, string> {
  const odd: [string, string][] = [
    ['if-match', pick(roll, ['*', '"1"', '"', '""', 'W/', '"999999999999999999"'])],
    ['if-none-match', pick(roll, ['*', '"1"', ',,,', ''])],
    ['x-envoyage-author', pick(roll, ['ann', '\xff\xfe', '\t', 'x'.repeat(2000), '{}'])],
    ['content-type', pick(roll, ['application/json', 'application/merge-patch+json', 'text/plain', '', ';', '\xff', 'application/json; x="', 'a/b/c'])],
    ['authorization', pick(roll, ['Bearer', 'Bearer x', '\xff'])],
    ['origin', pick(roll, ['null', 'http://localhost:1', '', '\xff'])],
    ['host', pick(roll, ['localhost', '[', '[]', ':', '@', '\xff', 'localhost:99999'])],
    ['expect', '100-continue'],
    ['content-encoding', pick(roll, ['gzip', 'identity', ''])],
  ];
  return Object.fromEntries(odd.filter(() => roll(6) === 0));
}

describe('whatever is sent', () => {
  let api: TestApi;
  let before: string;
  beforeEach(async () => {
    api = await TestApi.start();
    await api.call('POST', SERVICES, { body: { host: 'web.example.com', endpoints: ['web-a:5678'] } });
    before = (await api.call('GET', SERVICES)).text;
  });
  afterEach(() => api.end());

  /** Sends it, and sees that it was refused in words and changed nothing. */
  async function refused(what: string, sent: Promise<Answer>): Promise<void> {
    const answer = await sent;
    expect(answer.status, `${what}: ${answer.text.slice(0, 500)}`).toBeGreaterThanOrEqual(400);
    expect(answer.status, `${what}: ${answer.text.slice(0, 500)}`).toBeLessThan(500);
    expect(answer.text.length, what).toBeLessThan(10_000);
  }

  it.each([1, 2, 3, 4])('a service with something wrong about it is refused (seed %i)', async (seed) => {
    const roll = dice(seed);
    for (let i = 0; i < 250; i++) {
      const body = wrongService(roll);
      const what = JSON.stringify(body);
      await refused(what, api.call('POST', SERVICES, { body }));
      await refused(what, api.call('PUT', `${SERVICES}/new.example.com`, { body }));
    }
    expect((await api.call('GET', SERVICES)).text).toBe(before);
  });

  it.each([1, 2, 3, 4])('a patch of anything never breaks it (seed %i)', async (seed) => {
    const roll = dice(seed);
    for (let i = 0; i < 300; i++) {
      const body = roll(2) === 0 ? wrongService(roll) : anyJson(roll);
      const earlier = (await api.call('GET', `${SERVICES}/web.example.com`)).text;
      const answer = await api.call('PATCH', `${SERVICES}/web.example.com`, { body: JSON.stringify(body) });
      expect(answer.status, JSON.stringify(body)).toBeLessThan(500);
      // By chance it may be a good one, such as {"host":"a"}.
      expect((await api.call('GET', `${SERVICES}/web.example.com`)).text).toBe(answer.status === 200 ? answer.text : earlier);
    }
  });

  it.each([1, 2, 3, 4])('JSON of anything is refused (seed %i)', async (seed) => {
    const roll = dice(seed);
    for (let i = 0; i < 300; i++) {
      const body = JSON.stringify(anyJson(roll));
      await refused(body, api.call(pick(roll, ['POST', 'PUT']), i % 2 === 0 ? `${SERVICES}/new.example.com` : SERVICES, { body }));
    }
    expect((await api.call('GET', SERVICES)).text).toBe(before);
  });

  it.each([1, 2, 3, 4])('damaged JSON never breaks it (seed %i)', async (seed) => {
    const roll = dice(seed);
    for (let i = 0; i < 300; i++) {
      const body = broken(roll, JSON.stringify(wrongService(roll)));
      const answer = await api.call('POST', SERVICES, { body });
      expect(answer.status, body.toString()).toBeLessThan(500);
    }
  });

  it.each([1, 2, 3, 4])('paths, methods, queries and headers of anything never break it (seed %i)', async (seed) => {
    const roll = dice(seed);
    for (let i = 0; i < 500; i++) {
      const [method, path, headers] = [
        pick(roll, ['GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'TRACE', 'PROPFIND']),
        anyPath(roll),
        anyHeaders(roll),
      ];
      // A removal that is well said is no mishap.
      if (method === 'DELETE') continue;
      const answer = await api.call(method, path, { headers, ...(roll(3) === 0 ? { body: JSON.stringify(wrongService(roll)) } : {}) });
      expect(answer.status, `${method} ${path} ${JSON.stringify(headers)}: ${answer.text.slice(0, 300)}`).toBeLessThan(500);
    }
    expect((await api.call('GET', SERVICES)).text).toBe(before);
  });
});
