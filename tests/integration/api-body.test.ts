import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/envoy/command.ts';
import type { Problem } from '../../src/lib/problem.ts';
import { TestApi } from '../support/api.ts';
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
