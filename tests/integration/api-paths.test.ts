import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../support/api.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['web-a:5678'] };

describe('paths, methods and queries', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start();
    await api.call('POST', SERVICES, { body: web });
  });
  afterAll(() => api.end());

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
