import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { runCommand } from '../../src/envoy/command.ts';
import type { Problem } from '../../src/lib/problem.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { answersIn, connected, speak } from '../support/raw.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['web-a:5678'] };
const nested = (open: string, close: string, levels: number): string => open.repeat(levels) + close.repeat(levels);

describe('the body', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ 'max-body-bytes': '1048576' });
  });
  afterEach(async () => {
    expect(await api.revision()).toBe(0);
    expect(api.faults).toEqual([]);
  });
  afterAll(() => api.close());

  it.each([
    ['', 'the body is empty'],
    ['{"host":"web.example.com",}', 'Expected double-quoted property name in JSON at position 26 (line 1 column 27)'],
    ["{'host':'web'}", "Expected property name or '}' in JSON at position 1"],
    ['{"host":"web.example.com"', "Expected ',' or '}' after property value in JSON at position 25"],
    ['{"host"\n:\n"web"\n,x}', 'in JSON at position 17 (line 4 column 2)'],
    ['host=web&endpoints=web-a', 'Unexpected token'],
    ['{} {}', 'Unexpected non-whitespace character after JSON at position 3'],
    ['\u0000', 'is not valid JSON'],
    ['NaN', 'is not valid JSON'],
    ['x'.repeat(500_000), 'is not valid JSON'],
  ])('%.30j is not JSON, and why', async (body, why) => {
    const { detail, code, status } = (await api.call('POST', SERVICES, { body })).problem();
    expect({ code, status }).toEqual({ code: 'invalid-json', status: 400 });
    expect(detail).toContain(why);
    expect(detail.length).toBeLessThan(200);
  });

  it('may begin with a byte order mark', async () => {
    expect((await api.call('POST', SERVICES, { body: '\uFEFF{"hots":1}' })).problem()).toMatchObject({ code: 'invalid-request' });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/merge-patch+json',
    'application/json-seq',
    'application/xml',
    '',
    'json',
    '*/*',
    `x/${'y'.repeat(5000)}`,
  ])('of type %.60j is not understood', async (type) => {
    const answer = await api.call('POST', SERVICES, { body: web, headers: { 'content-type': type } });
    expect(answer.problem()).toMatchObject({ status: 415, code: 'unsupported-media-type', hint: 'send it with Content-Type: application/json' });
  });

  it('without a type is not understood, nor is none where one is needed', async () => {
    const head = `POST ${SERVICES} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
    for (const rest of [`Content-Length: 2\r\n\r\n{}`, 'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n', 'Content-Length: 0\r\n\r\n', '\r\n']) {
      expect(await speak(api.port, head + rest), JSON.stringify(rest)).toMatch(/^HTTP\/1\.1 415 .*"unsupported-media-type"/s);
    }
  });

  it('has to be uncompressed', async () => {
    for (const encoding of ['gzip', 'br', 'nonsense']) {
      const answer = await api.call('POST', SERVICES, {
        body: encoding === 'gzip' ? gzipSync(JSON.stringify(web)) : web,
        headers: { 'content-encoding': encoding },
      });
      expect(answer.problem(), encoding).toMatchObject({ status: 415, detail: 'the body must be JSON, uncompressed' });
    }
  });

  it('over the limit is refused, whether it says how long it is or not', async () => {
    const body = JSON.stringify({ ...web, host: 'x'.repeat(1_048_576) });
    for (const headers of [{}, { 'transfer-encoding': 'chunked', 'content-length': '' }]) {
      const problem = await tooLarge(body, 'content-length' in headers);
      expect(problem).toMatchObject({
        status: 413,
        code: 'body-too-large',
        detail: 'the body is larger than 1048576 bytes',
        hint: expect.stringContaining('--max-body-bytes') as unknown,
      });
    }

    async function tooLarge(text: string, chunked: boolean): Promise<Problem> {
      const head = `POST ${SERVICES} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
      const whole = chunked
        ? `${head}Transfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
        : `${head}Content-Length: ${text.length}\r\n\r\n${text}`;
      const [answer] = answersIn(await speak(api.port, whole, (said) => answersIn(said)[0]?.body.endsWith('}') === true));
      return JSON.parse(answer?.body ?? '') as Problem;
    }
  });

  it('that is refused is refused in a way that a client hears which is still sending', async () => {
    const child = new URL('../support/large-body.child.ts', import.meta.url).pathname;
    const { output } = await runCommand([process.execPath, child, `http://127.0.0.1:${api.port}`]);
    expect(JSON.parse(output)).toEqual({
      'with its length': ['body-too-large'],
      'in chunks': ['body-too-large'],
      'of another type': ['unsupported-media-type'],
      'to nowhere': ['not-found'],
    });
  });

  it('may be as long as the limit', async () => {
    const body = `${' '.repeat(1_048_576 - 2)}{}`;
    expect((await api.call('POST', SERVICES, { body })).problem()).toMatchObject({ code: 'invalid-request' });
    expect((await api.call('POST', SERVICES, { body: ` ${body}` })).problem()).toMatchObject({ code: 'body-too-large' });
  });

  it.each([
    ['lists', 'POST', SERVICES, nested('[', ']', 500_000)],
    ['objects', 'POST', SERVICES, `${'{"host":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['lists in a patch', 'PATCH', `${SERVICES}/x`, `{"endpoints":${nested('[', ']', 500_000)}}`],
    ['lists in a field of the registry', 'PUT', `${SERVICES}/x`, `{"host":"x","endpoints":5,"revision":${nested('[', ']', 500_000)}}`],
  ])('may be nested as deeply as it likes: %s', async (_, method, path, body) => {
    expect((await api.call(method, path, { body })).status).toBeLessThan(500);
  });

  it('has no way to the prototypes', async () => {
    const bodies = [
      '{"__proto__":{"host":"a","endpoints":["a:1"]}}',
      '{"host":"a","endpoints":["a:1"],"__proto__":{"polluted":1}}',
      '{"constructor":{"prototype":{"polluted":1}},"host":"a","endpoints":["a:1"]}',
      '[{"__proto__":[]}]',
    ];
    for (const body of bodies) expect((await api.call('POST', SERVICES, { body })).problem(), body).toMatchObject({ code: 'invalid-request' });
    expect(
      (await api.call('PUT', `${SERVICES}/__proto__`, { body: '{"host":"a","endpoints":["a:1"],"__proto__":{"id":"__proto__"}}' })).problem(),
    ).toMatchObject({ errors: [{ field: '/__proto__' }] });
    expect('polluted' in {}).toBe(false);
  });

  it('with very many unknown fields is answered soon, and in few words', async () => {
    const body = `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":1`).join()}}`;
    const answer = await api.call('POST', SERVICES, { body });
    expect(answer.problem().errors).toHaveLength(20);
    expect(answer.text.length).toBeLessThan(5000);
  });

  it('is not echoed at length', async () => {
    const long = 'x'.repeat(900_000);
    const bodies = [{ host: long, endpoints: [long] }, { [long]: 1 }, { ...web, id: long }, { ...web, groups: [long] }, long];
    for (const body of bodies) expect((await api.call('POST', SERVICES, { body })).text.length).toBeLessThan(2000);
  });

  it('that breaks off is no fault of ours', async () => {
    for (const end of ['destroy', 'resetAndDestroy'] as const) {
      const socket = await connected(api.port);
      const closed = once(socket, 'close');
      socket.write(`POST ${SERVICES} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"host"`, () => socket[end]());
      await closed;
    }
    expect((await api.call('GET', '/healthz')).status).toBe(200);
  });

  it('is passed over where none is asked for', async () => {
    expect((await api.call('DELETE', `${SERVICES}/x`, { body: '{not json' })).problem()).toMatchObject({ status: 404 });
    expect((await api.call('POST', `${SERVICES}/x/reload-xds`, { body: '' })).problem()).toMatchObject({ status: 404 });
    expect((await api.call('GET', '/healthz', { body: '{not json' })).status).toBe(200);
  });
});

describe('paths, methods and queries', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start();
    await api.call('POST', SERVICES, { body: web });
  });
  afterAll(async () => {
    expect(api.faults).toEqual([]);
    await api.close();
  });

  it.each([
    ['/', ''],
    ['/api/v1/servces', ' (did you mean "/api/v1/services"?)'],
    ['/api/v1/node', ' (did you mean "/api/v1/nodes"?)'],
    ['/healthz/', ' (did you mean "/healthz"?)'],
    ['/favicon.ico', ''],
    ['/api/v1/services/a/b', ''],
    ['/API/v1/services', ' (did you mean "/api/v1/services"?)'],
    ['//healthz', ' (did you mean "/healthz"?)'],
    ['/__proto__', ''],
    ['*', ''],
  ])('there is nothing at %s%s', async (path, meant) => {
    const { status, code, detail, hint } = (await api.call('GET', path)).problem();
    expect({ status, code, hint }).toEqual({ status: 404, code: 'not-found', hint: 'GET /openapi.json lists what there is' });
    expect(detail).toContain('there is nothing at ');
    if (meant !== '') expect(detail).toBe(`there is nothing at ${path}${meant}`);
  });

  it('clips a long path', async () => {
    expect((await api.call('GET', `/${'x'.repeat(10_000)}`)).text.length).toBeLessThan(1000);
    const long = await api.call('GET', `${SERVICES}/${'x'.repeat(10_000)}`);
    expect(long.problem()).toMatchObject({ status: 404, code: 'service-not-found' });
    expect(long.text.length).toBeLessThan(1000);
    expect((await api.call('PUT', `${SERVICES}/${'x'.repeat(10_000)}`, { body: web })).problem()).toMatchObject({ status: 400, errors: [{ field: '/id' }] });
    expect((await api.call('DELETE', `${SERVICES}/${'x'.repeat(10_000)}`)).text.length).toBeLessThan(1000);
    expect((await api.call('PUT', `${SERVICES}/${'x'.repeat(10_000)}/reload-xds`)).text.length).toBeLessThan(1000);
  });

  it.each([
    ['OPTIONS', SERVICES, 'GET, HEAD, POST'],
    ['PUT', SERVICES, 'GET, HEAD, POST'],
    ['QUERY', SERVICES, 'GET, HEAD, POST'],
    ['POST', `${SERVICES}/web.example.com`, 'GET, HEAD, PUT, PATCH, DELETE'],
    ['OPTIONS', `${SERVICES}/web.example.com`, 'GET, HEAD, PUT, PATCH, DELETE'],
    ['GET', `${SERVICES}/web.example.com/reload-xds`, 'POST'],
    ['HEAD', `${SERVICES}/web.example.com/reload-xds`, 'POST'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['DELETE', '/metrics', 'GET, HEAD'],
    ['TRACE', '/metrics', 'GET, HEAD'],
    ['PROPFIND', '/api/v1/nodes', 'GET, HEAD'],
    ['POST', '/api/v1/revisions/1', 'GET, HEAD'],
  ])('%s %s is not among %s', async (method, path, allow) => {
    const answer = await api.call(method, path);
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(answer.problem()).toMatchObject({ code: 'method-not-allowed', detail: `${path} takes ${allow}, not ${method}` });
  });

  it.each([
    SERVICES,
    `${SERVICES}/web.example.com`,
    '/api/v1/nodes',
    '/api/v1/revisions',
    '/api/v1/revisions/1',
    '/api/v1/revisions/1/rollout',
    '/api/v1/daemon',
    '/xds/stats',
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
  ])('HEAD %s is GET without its body', async (path) => {
    const head = await api.call('HEAD', path);
    const get = await api.call('GET', path);
    expect([head.status, head.text, head.headers['content-type'], head.headers.etag]).toEqual([get.status, '', get.headers['content-type'], get.headers.etag]);
  });

  it.each(['/%', '/%zz', `${SERVICES}/%`, `${SERVICES}/%zz`, `${SERVICES}/%E0%A4%A`, `${SERVICES}/a%`, `${SERVICES}/%c3%28`, '/api/v1/revisions/%/rollout'])(
    '%s has a broken escape, and says so',
    async (path) => {
      const answer = await api.call('GET', path);
      expect(answer.problem()).toMatchObject({ status: 400, code: 'invalid-request', hint: 'write %25 for a % in an id' });
    },
  );

  it.each([
    '%00',
    '%2F',
    '%2e%2e',
    '%2E',
    '..%2f..%2fetc%2fpasswd',
    '%25',
    '%F0%9F%92%A9',
    '%0d%0aX-Injected:%20yes',
    '<script>',
    '"',
    ';',
    ';x=1',
    '__proto__',
    'constructor',
    ' '.replace(' ', '%20'),
    '',
  ])('there is no service %j', async (id) => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await api.call(method, `${SERVICES}/${id}`);
      expect(answer.problem(), method).toMatchObject({ status: 404, code: 'service-not-found' });
      expect(answer.headers).not.toHaveProperty('x-injected');
    }
    expect((await api.call('PUT', `${SERVICES}/${id}`, { body: web })).status).toBeGreaterThanOrEqual(400);
  });

  it.each([
    ['GET', `${SERVICES}?limit=5`, 'unknown query parameter "limit"'],
    ['GET', `${SERVICES}/web.example.com?x`, 'unknown query parameter "x"'],
    ['GET', '/api/v1/revisions?limits=5', 'unknown query parameter "limits" (did you mean "limit"?)'],
    ['GET', '/api/v1/revisions/1/rollout?wiat=acked', 'unknown query parameter "wiat" (did you mean "wait"?)'],
    ['POST', `${SERVICES}?timeuot=5`, 'unknown query parameter "timeuot" (did you mean "timeout"?)'],
    ['DELETE', `${SERVICES}/web.example.com?force=1`, 'unknown query parameter "force"'],
    ['GET', '/healthz?verbose', 'unknown query parameter "verbose"'],
    ['GET', '/healthz?__proto__=1', 'unknown query parameter "__proto__"'],
    ['GET', '/healthz?constructor=1', 'unknown query parameter "constructor"'],
    ['POST', `${SERVICES}?wait=yes`, 'wait can only be "acked"'],
    ['POST', `${SERVICES}?wait=`, 'wait can only be "acked"'],
    ['POST', `${SERVICES}?wait=acked&wait=acked`, 'wait can only be "acked"'],
    ...['-1', '300.001', '301', '1e9', '1e1', 'NaN', 'Infinity', '0x10', '', '%20', '5s', '+5', '5.', '.5', 'true', 'null', '5&timeout=6', '9'.repeat(400)].map(
      (timeout) => ['POST', `${SERVICES}?wait=acked&timeout=${timeout}`, 'timeout must be 0 to 300'],
    ),
    ...['0', '-1', '1001', '', 'all', '1e2'].map((limit) => ['GET', `/api/v1/revisions?limit=${limit}`, 'limit must be 1 to 1000']),
    ['GET', '/api/v1/revisions?limit=1.5', 'limit must be a whole number'],
    ['GET', '/api/v1/revisions?before=0', 'before must be 1 to 9007199254740991'],
    ['GET', '/api/v1/revisions?before=9007199254740993', 'before must be'],
    ['GET', '/api/v1/revisions?before=x', 'before must be 1 to 9007199254740991'],
  ] as [string, string, string][])('%s %.80s: %s', async (method, path, message) => {
    const { status, code, errors } = (
      await api.call(method, path, method === 'POST' ? { body: { host: 'new.example.com', endpoints: ['a:1'] } } : {})
    ).problem();
    expect({ status, code }).toEqual({ status: 400, code: 'invalid-request' });
    expect(errors?.[0]?.message).toContain(message);
    expect(await api.revision()).toBe(1);
  });

  it.each(['0', '0.0', '0.25', '10', '300', '300.0', '007'])('takes %s for a number of seconds', async (timeout) => {
    expect((await api.call('GET', `/api/v1/revisions/1/rollout?wait=acked&timeout=${timeout}`)).status).toBe(200);
  });
});

describe('who may ask', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ 'http-allowed-host': ['envoyage.example.com'] });
  });
  afterAll(() => api.close());

  const paths = [SERVICES, '/healthz', '/metrics', '/openapi.json', '/nowhere', `${SERVICES}/%zz`, '/'];

  it.each(paths)('a name that was rebound is told nothing by %s', async (path) => {
    for (const host of ['evil.example.com', `evil.example.com:${api.port}`, '[::1].evil.example.com', '10.0.0.1']) {
      const answer = await api.call('GET', path, { headers: { host } });
      expect(answer.problem(), host).toMatchObject({ status: 403, code: 'host-not-allowed' });
    }
  });

  it.each(paths)("another program's page is told nothing by %s", async (path) => {
    for (const origin of ['https://evil.example.com', 'http://127.0.0.1:3000', 'http://localhost:3000', 'null']) {
      const answer = await api.call('GET', path, { headers: { origin } });
      expect(answer.problem(), origin).toMatchObject({ status: 403, code: 'host-not-allowed' });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('nor can it change anything, whichever way it tries', async () => {
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-type': 'application/json' }]) {
      const answer = await api.call('POST', SERVICES, { body: web, headers: { ...headers, origin: 'https://evil.example.com' } });
      expect(answer.status).toBe(403);
    }
    const preflight = await api.call('OPTIONS', SERVICES, { headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' } });
    expect(preflight.status).toBe(403);
    expect(await api.revision()).toBe(0);
  });

  it('a large body of a stranger is not even read', async () => {
    const head = `POST ${SERVICES} HTTP/1.1\r\nHost: evil.example.com\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n`;
    expect(await speak(api.port, head, (text) => text.includes('host-not-allowed'))).toMatch(/^HTTP\/1\.1 403 /);
  });

  it("the API's own pages, loopback by any of its names, and names that were allowed", async () => {
    for (const host of [`127.0.0.1:${api.port}`, `localhost:${api.port}`, `[::1]:${api.port}`, 'envoyage.example.com']) {
      expect((await api.call('GET', SERVICES, { headers: { host } })).status, host).toBe(200);
      expect((await api.call('GET', SERVICES, { headers: { host, origin: `http://${host}` } })).status, host).toBe(200);
    }
    expect((await api.call('GET', SERVICES, { headers: { origin: 'https://envoyage.example.com' } })).status).toBe(200);
  });

  it('nobody without a Host', async () => {
    expect(await speak(api.port, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await speak(api.port, 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await speak(api.port, 'GET /healthz HTTP/1.1\r\nHost: evil.example.com\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 4/);
  });

  it('no proxy', async () => {
    const answer = await speak(api.port, 'GET http://evil.example.com/healthz HTTP/1.1\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe('a token', () => {
  const folder = tempFolder();
  writeFileSync(join(folder.path, 'token'), 's3cret-token\n');
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ 'http-token-file': join(folder.path, 'token') }, { authorization: 'Bearer s3cret-token' });
  });
  afterAll(async () => {
    await api.close();
    folder.remove();
  });

  it('is needed by everything but health checks', async () => {
    const { document } = await api.contract();
    for (const path of [...Object.keys(document.paths), '/nowhere', '/%zz'].map((each) => each.replace('{id}', 'x').replace('{number}', '1'))) {
      const open = path === '/healthz' || path === '/readyz';
      for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Basic s3cret-token']) {
        const answer = await api.call('GET', path, { headers: { authorization } });
        if (open) expect(answer.status, path).toBe(200);
        else expect([answer.status, answer.problem().code, answer.headers['www-authenticate']], path).toEqual([401, 'unauthorized', 'Bearer']);
      }
    }
    expect((await api.call('POST', SERVICES, { body: web, headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect(await api.revision()).toBe(0);
  });

  it('opens everything', async () => {
    expect((await api.call('POST', SERVICES, { body: web })).status).toBe(201);
    expect((await api.call('GET', '/metrics', { headers: { host: '10.0.0.1:8080' } })).status).toBe(200);
  });

  it('is never logged', async () => {
    await api.call('GET', SERVICES, { headers: { authorization: 'Bearer s3cret-tokem' } });
    expect(JSON.stringify(api.log)).not.toContain('s3cret');
  });
});

describe('TLS', () => {
  const folder = tempFolder();
  writeFileSync(join(folder.path, 'cert.pem'), CERTIFICATE);
  writeFileSync(join(folder.path, 'key.pem'), KEY);
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ 'http-tls-cert': join(folder.path, 'cert.pem'), 'http-tls-key': join(folder.path, 'key.pem') });
  });
  afterAll(async () => {
    await api.close();
    folder.remove();
  });

  it('carries the API', async () => {
    expect((await api.call('POST', SERVICES, { body: web })).status).toBe(201);
    expect((await api.call('GET', SERVICES, { headers: { host: 'evil.example.com' } })).status).toBe(403);
    expect((await api.call('GET', SERVICES, { headers: { origin: `https://127.0.0.1:${api.port}` } })).status).toBe(200);
  });

  it('is not spoken to in the clear', async () => {
    expect(await speak(api.port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).not.toContain('healthy');
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    expect(api.faults).toEqual([]);
  });
});

describe('what is no HTTP', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(async () => {
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    expect(api.faults).toEqual([]);
    await api.close();
  });

  const problemIn = (text: string): Problem => JSON.parse(answersIn(text)[0]?.body ?? '') as Problem;

  it.each([
    ['a greeting', 'hello\r\n\r\n', 'this is not a request of HTTP/1.1: '],
    ['a TLS hello', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), 'this is not a request of HTTP/1.1: '],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'this is not a request of HTTP/1.1: '],
    [
      'two lengths',
      'POST /api/v1/services HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      'this is not a request of HTTP/1.1: ',
    ],
    [
      'a length and chunks',
      'POST /api/v1/services HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      'this is not a request of HTTP/1.1: ',
    ],
    ['a header with a line break in it', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n', 'this is not a request of HTTP/1.1: '],
    ['a head without end', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 'the head of the request is larger than 16 KiB'],
    ['a path without end', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 'the head of the request is larger than 16 KiB'],
  ])('%s is answered by a problem, and the connection ends', async (_, bytes, detail) => {
    const text = await speak(api.port, bytes);
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(problemIn(text)).toMatchObject({ status: 400, code: 'invalid-request', detail: expect.stringContaining(detail) as unknown });
  });

  it('requests one after the other on a connection are answered in order, before the answers are read', async () => {
    const head = (method: string, path: string, body = ''): string =>
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`}\r\n${body}`;
    const text =
      head('POST', SERVICES, JSON.stringify(web)) +
      head('GET', `${SERVICES}/web.example.com`) +
      head('DELETE', `${SERVICES}/web.example.com`) +
      head('GET', `${SERVICES}/web.example.com`) +
      head('GET', '/healthz');
    const said = await speak(api.port, text, (so) => answersIn(so).length === 5 && so.includes('healthy'));
    expect(answersIn(said).map(({ status }) => status)).toEqual([201, 200, 200, 404, 200]);
  });

  it('connections that say nothing are no matter', async () => {
    for (const socket of await Promise.all(Array.from({ length: 50 }, () => connected(api.port)))) socket.resetAndDestroy();
    expect((await api.call('GET', '/readyz')).status).toBe(200);
  });
});
