import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Route } from './route.ts';
import { ROUTE_FIELDS, routeSchema } from './route-schema.ts';
import { parseOrThrow } from './validation.ts';

const read = (input: unknown): Route => parseOrThrow(routeSchema, input, ROUTE_FIELDS);
const web = (more: object = {}): object => ({ kind: 'Route', name: 'web', hosts: ['web.example.com'], service: 'web', ...more });
const bare = (more: object = {}): object => ({ kind: 'Route', name: 'web', hosts: ['web.example.com'], ...more });
const matching = (match: unknown): unknown => read(web({ match })).match;

describe('a route', () => {
  it('has one form for equal content', () => {
    expect(read({ kind: 'Route', name: 'web', hosts: 'WEB.example.com.', service: 'web' })).toStrictEqual({
      kind: 'Route',
      name: 'web',
      hosts: ['web.example.com'],
      to: [{ service: 'web' }],
    });
    const said = web({
      hosts: ['*', 'b.example.com', '*.Example.com', 'B.example.com'],
      listeners: ['https', 'http', 'https'],
      match: {},
      priority: 0,
      service: undefined,
      to: [{ service: 'b', weight: 1 }, 'a', { service: 'c', weight: 3 }],
      timeout: '0',
      retries: { attempts: 2, on: ['reset', '5xx', 'reset'], statuses: [503, 409, 503], backoff: { base: '250ms' } },
      rewrite: { prefix: '/v2/', host: 'B.example.com:8080' },
      headers: { request: { set: { 'X-B': '1', 'x-a': '2' }, remove: ['X-C', 'x-b', 'x-c'] }, response: {} },
      labels: {},
      groups: ['b', 'a'],
    });
    expect(read(said)).toStrictEqual({
      kind: 'Route',
      name: 'web',
      hosts: ['*', '*.example.com', 'b.example.com'],
      listeners: ['http', 'https'],
      to: [{ service: 'b' }, { service: 'a' }, { service: 'c', weight: 3 }],
      rewrite: { prefix: '/v2', host: 'b.example.com:8080' },
      retries: { attempts: 2, on: ['5xx', 'reset'], statuses: [409, 503], backoff: { base: '0.25s' } },
      headers: { request: { set: { 'x-a': '2', 'x-b': '1' }, remove: ['x-b', 'x-c'] } },
      groups: ['a', 'b'],
    });
  });

  it('can be sent back as it was read', () => {
    const stored = read(web({ match: [{ path: { regex: '/a' }, headers: { a: { present: false } } }], retries: 3, redirect: undefined }));
    expect(read({ ...stored, revision: 7, createdAt: 'x', updatedAt: 'x', updatedBy: 'me' })).toStrictEqual(stored);
  });

  it.each([
    ['/api', { path: { prefix: '/api' } }],
    ['/api/', { path: { prefix: '/api' } }],
    [{ prefix: '/' }, {}],
    [{ exact: '/api/' }, { path: { exact: '/api/' } }],
    [{ regex: '/a(b|c)' }, { path: { regex: '/a(b|c)' } }],
  ])('takes the path %j', (path, expected) => {
    expect(matching([{ path, methods: 'get' }])).toStrictEqual([{ ...expected, methods: ['GET'] }]);
  });

  it.each([
    [{ path: '/a' }, [{ path: { prefix: '/a' } }]],
    [{}, undefined],
    [[{}], undefined],
    [[{ path: '/' }], undefined],
    [[{ methods: ['post', 'GET', 'get'] }], [{ methods: ['GET', 'POST'] }]],
    [
      { headers: { 'X-A': 'v', b: { prefix: 'p' } }, query: { q: '', Q: { present: true } } },
      [{ headers: { 'x-a': { exact: 'v' }, b: { prefix: 'p' } }, query: { Q: { present: true }, q: { exact: '' } } }],
    ],
    [{ headers: {} }, undefined],
    [
      [{ path: '/a' }, {}],
      [{ path: { prefix: '/a' } }, {}],
    ],
  ])('takes the match %j', (match, expected) => {
    expect(matching(match)).toStrictEqual(expected);
  });

  it('redirects by a word, responds by a number, retries by a number', () => {
    expect(read(bare({ redirect: 'https' })).redirect).toStrictEqual({ scheme: 'https' });
    expect(read(bare({ redirect: { prefix: '/new/', status: 301, dropQuery: false } })).redirect).toStrictEqual({ prefix: '/new' });
    expect(read(bare({ respond: 404 })).respond).toStrictEqual({ status: 404 });
    expect(read(web({ retries: { attempts: 0, on: ['5xx'] } })).retries).toStrictEqual({ attempts: 0 });
  });

  it.each([
    [null, 'a route must be an object, as in {"kind":"Route"'],
    [bare(), 'a route must say exactly one of service, to, redirect or respond'],
    [web({ redirect: 'https' }), 'exactly one of service, to, redirect or respond, not service and redirect'],
    [web({ kind: 'Router' }), '/kind: the kind must be "Route"'],
    [web({ name: 'A b' }), '/name: the name must be 1 to 253 lower-case letters'],
    [{ kind: 'Route', name: 'web', service: 'web' }, '/hosts: "hosts" is missing'],
    [web({ hosts: [] }), '/hosts: hosts must name at least one, as in ["web.example.com"]'],
    [web({ hosts: ['ok', 'a b'] }), '/hosts/1: the host "a b" has a label'],
    [web({ hosts: 'http://a' }), '/hosts: the host "http://a" is a URL'],
    [web({ hosts: 7 }), '/hosts: hosts must be a list, as in ["web.example.com"]'],
    [web({ host: 'a', hostz: 'b' }), '/host: unknown field "host" (did you mean "hosts"?); /hostz: unknown field "hostz" (did you mean "hosts"?)'],
    [web({ priority: 1.5 }), '/priority: the priority must be a whole number from -1000000 to 1000000'],
    [web({ timeout: '15' }), '/timeout: the timeout "15" lacks a unit: write 15s for seconds'],
    [web({ timeout: '1s', retries: { attempts: 1, perTryTimeout: '1s' } }), '/retries/perTryTimeout: leaves no time for a second try within the timeout of 1s'],
    [bare({ to: [] }), '/to: to must name at least one'],
    [
      bare({
        to: [
          { service: 'a', weight: 0 },
          { service: 'b', weight: 0 },
        ],
      }),
      '/to: the weights add up to 0',
    ],
    [bare({ to: { service: 'a', weight: 0 } }), '/to: the weights add up to 0'],
    [bare({ to: ['a', { service: 'a', weight: 2 }] }), '/to/1/service: "a" is there twice: add the weights up'],
    [bare({ to: [{ service: 'a', weight: -1 }] }), '/to/0/weight: the weight must be a whole number from 0 to 1000000'],
    [bare({ to: [{ service: 'a', wieght: 1 }] }), '/to/0/wieght: unknown field "wieght" (did you mean "weight"?)'],
    [bare({ to: [{}] }), '/to/0/service: "service" is missing'],
    [bare({ to: [7] }), '/to/0: a target must be {"service": "web"}'],
    [bare({ redirect: 'ftp' }), '/redirect: the redirect must be "https" or an object'],
    [bare({ redirect: {} }), '/redirect: the redirect leads back to where it comes from'],
    [bare({ redirect: { status: 302 } }), '/redirect: the redirect leads back to where it comes from'],
    [bare({ redirect: { path: '/a', prefix: '/b' } }), '/redirect: the redirect must not say both path and prefix'],
    [bare({ redirect: { host: '*.a' } }), '/redirect/host: the host "*.a" is a wildcard: name one host'],
    [bare({ redirect: { scheme: 'https', status: 300 } }), '/redirect/status: the status of a redirect must be 301, 302, 303, 307 or 308'],
    [
      bare({ redirect: { prefix: '/b' }, match: [{ path: '/a' }, { path: { exact: '/x' } }] }),
      '/redirect/prefix: needs a prefix to put it in place of: match/1 has none',
    ],
    [
      bare({ redirect: 'https', timeout: '1s', retries: 1 }),
      '/timeout: timeout does nothing beside redirect: no request is handed on; /retries: retries does nothing',
    ],
    [bare({ respond: 404, headers: { request: { set: { a: 'b' } } } }), '/headers/request: does nothing beside respond'],
    [bare({ respond: 99 }), '/respond: the status must be a whole number from 200 to 599'],
    [bare({ respond: '404' }), '/respond: respond must be a status, as in 404, or an object'],
    [bare({ respond: { status: 200, body: 'ü'.repeat(2049) } }), '/respond/body: the body must be at most 4096 bytes'],
    [web({ rewrite: {} }), '/rewrite: rewrite must say path, prefix, regex or host'],
    [web({ rewrite: '/' }), '/rewrite: rewrite must be an object, as in {"prefix": "/"}'],
    [web({ rewrite: { path: '/a', prefix: '/b' } }), '/rewrite: the path can be rewritten in one way, not by path and prefix'],
    [web({ rewrite: { prefix: '/b' }, match: { path: { regex: '/a' } } }), '/rewrite/prefix: needs a prefix to put it in place of: match/0 has none'],
    [web({ rewrite: { regex: { pattern: '(a', with: '' } } }), '/rewrite/regex/pattern: the regular expression "(a" has a ( without its )'],
    [web({ rewrite: { regex: { pattern: 'a', with: '\\1' } } }), '/rewrite/regex/with: "with" has \\1, and the expression has no groups'],
    [web({ rewrite: { path: '/a?b' } }), '/rewrite/path: the path "/a?b" has a ?: a path has no query'],
    [web({ rewrite: { host: 'a:99999' } }), '/rewrite/host: the host "a:99999" has port 99999'],
    [web({ retries: { attempts: 1, on: ['5xxx'] } }), '/retries/on/0: the reason to retry "5xxx" is none that Envoy knows (did you mean "5xx"?)'],
    [web({ retries: { attempts: 1, backoff: { base: '1s', max: '10ms' } } }), '/retries/backoff: max must not be shorter than base'],
    [web({ retries: { attempts: 1, perTryTimeout: '0s' } }), '/retries/perTryTimeout: perTryTimeout "0s" is no time at all'],
    [web({ retries: {} }), '/retries/attempts: "attempts" is missing'],
    [web({ retries: 'x' }), '/retries: retries must be a number of attempts, as in 3, or an object'],
    [web({ match: [] }), '/match: match must name at least one'],
    [web({ match: Array(101).fill({ path: '/a' }) }), '/match: match must be at most 100'],
    [web({ match: 'x' }), '/match: match must be a list, as in [{"path": "/api"}]'],
    [web({ match: [{ pth: '/a' }] }), '/match/0/pth: unknown field "pth" (did you mean "path"?)'],
    [web({ match: { path: 'api' } }), '/match/path: the prefix "api" does not begin with a slash'],
    [web({ match: { path: { exact: '/a', prefix: '/b' } } }), '/match/path: the path must say exactly one of exact, prefix or regex, not exact and prefix'],
    [web({ match: { path: {} } }), '/match/path: the path must say exactly one of exact, prefix or regex'],
    [web({ match: { path: { exact: '/ü' } } }), '/match/path/exact: the path "/ü" has characters that are written with percent signs in a URL, as in /%C3%BC'],
    [web({ match: { path: '/a/../b' } }), '/match/path: the prefix "/a/../b" has a segment of dots, which Envoy resolves in requests'],
    [web({ match: { path: { regex: '/(?=a)' } } }), '/match/path/regex: the regular expression "/(?=a)" looks around by (?=, which RE2 does not do'],
    [web({ match: { methods: ['G T'] } }), '/match/methods/0: the method "G T" is no method, as in GET'],
    [web({ match: { methods: ['connect'] } }), '/match/methods/0: the method "connect" cannot be routed'],
    [web({ match: { headers: { host: 'a' } } }), '/match/headers/host: "host" cannot be used here'],
    [web({ match: { headers: { ':path': 'a' } } }), '/match/headers/:path: ":path" is no header'],
    [web({ match: { headers: { a: 'b', A: 'c' } } }), '/match/headers/A: "A" is there twice'],
    [web({ match: { headers: { a: 2 } } }), '/match/headers/a: the value of a header must be text in quotes'],
    [web({ match: { headers: { a: { prefix: '' } } } }), '/match/headers/a/prefix: the prefix "" is empty: use present'],
    [web({ match: { headers: { a: 'b\r\nc: d' } } }), '/match/headers/a: the value of a header "b\\r\\nc: d" has a control character'],
    [web({ match: { query: { 'a=b': 'c' } } }), '/match/query/a=b: "a=b" is no name of a query parameter'],
    [web({ headers: { request: { set: { Host: 'a' } } } }), '/headers/request/set/Host: "Host" cannot be used here'],
    [web({ headers: { response: { add: { a: '100%' } } } }), '/headers/response/add/a: the value "100%" has a percent sign that begins no command operator'],
    [web({ headers: { response: { remove: ['a b'] } } }), '/headers/response/remove/0: the header "a b" is no name of a header'],
    [web({ headers: [] }), '/headers: headers must be an object'],
  ])('is not %j', (input, message) => {
    expect(() => read(input)).toThrow(message);
  });

  it.each(['%%', '%PROTOCOL%', 'a%REQ(x-a?:path):10%b', '%START_TIME(%s)%', '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'])('may set the value %j', (value) => {
    expect(read(web({ headers: { response: { set: { a: value } } } })).headers).toEqual({ response: { set: { a: value } } });
  });

  it('has a JSON Schema with its short forms', () => {
    const { $defs } = z.toJSONSchema(routeSchema, { io: 'input' }) as { $defs?: Record<string, { properties?: Record<string, { anyOf?: object[] }> }> };
    const { hosts, retries } = $defs?.['Route']?.properties ?? {};
    expect(retries?.anyOf).toHaveLength(2);
    expect(hosts?.anyOf).toMatchObject([{ type: 'string' }, { type: 'array' }]);
  });
});
