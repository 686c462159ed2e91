import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { speak } from '../support/raw.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['web-a:5678'] };

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
