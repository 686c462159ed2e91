import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Problem } from '../../src/lib/problem.ts';
import { TestApi } from '../support/api.ts';
import { answersIn, connected, speak } from '../support/raw.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['web-a:5678'] };

describe('what is no HTTP', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(async () => {
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    await api.end();
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
