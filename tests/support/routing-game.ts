import type { Wish } from '../../src/model/kinds.ts';
import type { Route } from '../../src/model/route.ts';
import { ROUTE_FIELDS, routeSchema } from '../../src/model/route-schema.ts';
import type { SentRequest } from '../../src/model/seen-request.ts';
import { parseOrThrow } from '../../src/model/validation.ts';
import { Random } from './random.ts';

const HOSTS = ['a.example.com', 'b.example.com', 'c.example.org', 'd.example.org', '*.example.com', '*.deep.example.com', 'other.example', '*.org'];
const ASKED_HOSTS = [
  'a.example.com',
  'A.Example.com',
  'b.example.com',
  'c.example.com',
  'x.deep.example.com',
  'deep.example.com',
  'a.example.com.',
  'other.example',
  'nobody.example',
  '[::1]',
  'x.y.deep.example.com',
];
const SEGMENTS = ['api', 'v1', 'v2', 'users', '7', 'x', 'a-b', 'API'];
const REGEXES = ['/api/v[0-9]+', '/users/([0-9]+)(/.*)?', '/[^/]*', '/(?:api|users)/.*', '.*x', '(?i)/API', '/a.+b?', '/api/.{2}', '/\\w+/\\d+'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];
const HEADERS = ['x-version', 'x-team', 'cookie', 'user-agent', 'x-forwarded-proto', 'x-request-id', 'accept'];
const VALUES = ['1', '2', 'abc', 'a=1; b=2', '', 'https', 'http', '1,2'];
const PARAMETERS = ['q', 'page', 'Q', 'debug', 'a%20b'];
const ODD_PATHS = [
  '/api/../users/7',
  '/api/./v1',
  '/api//v1',
  '/api/%76%31',
  '/api%2Fv1',
  '/api\\v1',
  '/%61pi',
  '/api/v1/..',
  '/api/..;/users',
  '/a"b',
  '/api/%zz',
  '/.',
  '/api/%2e%2e/x',
  '/users/7/.',
  '/api/{x}',
  '//',
  '/api/%00',
];

export interface Game {
  readonly objects: readonly Wish[];
  readonly requests: readonly SentRequest[];
}

/**
 * Routes over a few hosts, and requests that come near to them. Of even seeds some are for `*`, so that every host is somebody's.
 * @param port where every service is
 */
export function routingGame(seed: number, routes: number, requests: number, port: number): Game {
  const random = new Random(seed);
  const hosts = seed % 2 === 0 ? [...HOSTS, '*'] : HOSTS;
  const services: Wish[] = [
    { id: 'one', endpoints: [`127.0.0.1:${port}`] },
    { id: 'two', endpoints: [`127.0.0.1:${port}`] },
    { id: 'a', host: 'a.example.com', endpoints: [`127.0.0.1:${port}`] },
    { id: 'deep', host: '*.deep.example.com', endpoints: [`127.0.0.1:${port}`] },
    { id: 'away', endpoints: [`127.0.0.1:${port}`], groups: ['elsewhere'] },
  ];
  const all = Array.from({ length: routes }, (_, i) => parseOrThrow(routeSchema, route(random, i, hosts), ROUTE_FIELDS));
  return { objects: [...services, ...all], requests: Array.from({ length: requests }, () => request(random, all)) };
}

function path(random: Random): string {
  const length = random.chance(0.1) ? 0 : 1 + random.below(3);
  return `/${Array.from({ length }, () => random.pick(SEGMENTS)).join('/')}`;
}

function value(random: Random): unknown {
  const kind = random.below(5);
  if (kind === 0) return { prefix: random.pick(VALUES.filter((each) => each !== '')).slice(0, 1 + random.below(2)) };
  if (kind === 1) return { regex: random.pick(['[0-9]+', '.*', 'a.*', '(1|2)', '[^1]+']) };
  if (kind === 2) return { present: random.chance(0.7) };
  return random.pick(VALUES);
}

function header(random: Random): object {
  const name = random.pick(HEADERS);
  // Of what Envoy makes up nothing can be told but that it is there.
  return { [name]: name === 'x-request-id' ? { present: random.chance(0.5) } : value(random) };
}

function match(random: Random, onlyPrefix: boolean): object {
  const kind = random.below(4);
  const exact = random.chance(0.3) ? `${path(random)}/`.replace('//', '/') : path(random);
  const of = kind === 0 && !onlyPrefix ? { exact } : kind === 1 && !onlyPrefix ? { regex: random.pick(REGEXES) } : { prefix: path(random) };
  return {
    ...(random.chance(0.95) ? { path: of } : {}),
    ...(random.chance(0.25) ? { methods: [random.pick(METHODS), random.pick(METHODS)] } : {}),
    ...(random.chance(0.3) ? { headers: { ...header(random), ...(random.chance(0.2) ? header(random) : {}) } } : {}),
    ...(random.chance(0.2) ? { query: { [random.pick(PARAMETERS)]: value(random) } } : {}),
  };
}

function route(random: Random, i: number, all: readonly string[]): object {
  const withPrefix = random.chance(0.3);
  const some = Array.from({ length: 1 + random.below(2) }, () => match(random, withPrefix));
  const hosts = random.chance(0.3) ? [random.pick(all), random.pick(all)] : [random.pick(all)];
  return {
    kind: 'Route',
    name: `r${i}`,
    hosts,
    match: some,
    ...(random.chance(0.2) ? { priority: random.below(5) - 2 } : {}),
    ...action(random, withPrefix),
  };
}

function action(random: Random, withPrefix: boolean): object {
  const target = random.pick([{ service: 'one' }, { to: ['one', 'two'] }, { to: [{ service: 'two', weight: 3 }, { service: 'away' }] }, { service: 'away' }]);
  switch (random.below(8)) {
    case 0:
      return { respond: { status: 200 + random.below(300), body: `body of ${random.below(100)}` } };
    case 1:
      return { redirect: 'https' };
    case 2: {
      const parts = [
        { host: 'www.example.org' },
        { port: 8443 },
        { scheme: 'https', status: 308 },
        { path: '/moved' },
        { host: 'www.example.org', dropQuery: true },
        ...(withPrefix ? [{ prefix: random.pick(['/', '/new', '/n/e/w']), status: 302 }] : []),
      ];
      return { redirect: { ...random.pick(parts), ...random.pick([{ scheme: 'https' }, { port: 80 }, { status: 307, dropQuery: true }]) } };
    }
    case 3:
      return { ...target, rewrite: withPrefix ? { prefix: random.pick(['/', '/new', '/n/e/w']) } : { path: '/w\\1hole'.replace('\\1', '') } };
    case 4:
      return {
        ...target,
        rewrite: {
          regex: random.pick([
            { pattern: '/([a-z]+)', with: '/\\1\\1' },
            { pattern: '^/(.*)$', with: '/in/\\1' },
            { pattern: '/x*', with: '/-' },
          ]),
          host: 'inner.example:81',
        },
      };
    default:
      return target;
  }
}

function request(random: Random, routes: readonly Route[]): SentRequest {
  const near = random.pick(routes);
  const [first] = near.match ?? [];
  const to = first?.path ?? { prefix: '/' };
  const asked =
    'exact' in to
      ? to.exact
      : 'prefix' in to
        ? `${to.prefix}${random.pick(['', '/', '/x', 'x', '/x/7'])}`.replace('//', '/')
        : random.pick(['/api/v1', '/users/7', '/users/7/x', '/x', '/api/v2', '/API']);
  const own = random.chance(0.15) ? random.pick(ODD_PATHS) : random.chance(0.2) ? path(random) : asked;
  const query = random.chance(0.4)
    ? `?${Array.from({ length: 1 + random.below(2) }, () => `${random.pick(PARAMETERS)}${random.pick(['', '='])}${encodeURI(random.pick(VALUES))}`).join('&')}`
    : '';
  const headers: [string, string][] = [];
  for (const name of [...Object.keys(first?.headers ?? {}), ...(random.chance(0.4) ? [random.pick(HEADERS)] : [])]) {
    const spelled = random.chance(0.3) ? name.toUpperCase() : name;
    for (let i = random.chance(0.2) ? 2 : 1; i > 0; i--) headers.push([spelled, random.pick(VALUES)]);
  }
  const host = random.chance(0.75)
    ? random
        .pick(near.hosts)
        .replace('*', random.pick(['c', 'x.y']))
        .replace(/^(c|x\.y)$/, 'far.example')
    : random.pick(ASKED_HOSTS);
  return {
    scheme: 'http',
    host,
    ...(random.chance(0.3) ? { port: random.pick([80, 8080, 443]) } : {}),
    path: `${own}${query}`,
    method: random.chance(0.5) ? 'GET' : random.pick([...(first?.methods ?? []), ...METHODS.slice(0, 2)]),
    headers,
  };
}
