import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { createClient } from './client.ts';
import { daemonInfo, FakeApi, run, type World } from './harness.fixture.ts';
import { unreachable } from './unreachable.ts';

const api = new FakeApi();
let folder: string;

beforeAll(async () => {
  await api.start();
  folder = mkdtempSync(join(tmpdir(), 'envoyage-client-'));
  writeFileSync(join(folder, 'token'), 'from-file\n');
  writeFileSync(join(folder, 'other'), 'from-flag');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
});
beforeEach(() => api.reset({ 'GET /api/v1/daemon': { body: daemonInfo() } }));
afterEach(() => expect(api.offences).toEqual([]));

/** The lightest command that asks the daemon. */
const bootstrap = (args: string[], world: World = {}) => run(['bootstrap', ...args], { cwd: folder, ...world });
const asked = async (args: string[], env: Record<string, string>): Promise<string | undefined> => {
  const ran = await bootstrap(args, { env: { ENVOYAGE_SERVER: api.url, ...env } });
  expect(ran.stderr).toBe('');
  return api.got.at(-1)?.headers.authorization;
};

describe('which daemon', () => {
  it('is --server, else ENVOYAGE_SERVER, with or without a path', async () => {
    api.routes = { 'GET /api/v1/daemon': { body: daemonInfo() }, 'GET /behind/api/v1/daemon': { body: daemonInfo() } };
    expect((await bootstrap(['--server', `${api.url}/`])).code).toBe(0);
    expect((await bootstrap([], { env: { ENVOYAGE_SERVER: `${api.url}/behind/` } })).code).toBe(0);
    expect((await bootstrap(['--server', api.url], { env: { ENVOYAGE_SERVER: 'http://127.0.0.1:1' } })).code).toBe(0);
    expect(api.requests).toEqual(['GET /api/v1/daemon', 'GET /behind/api/v1/daemon', 'GET /api/v1/daemon']);
  });

  it.each(['127.0.0.1:8080', 'ftp://x', 'http://', 'http://a b/', 'http://u:p@x/', 'http://x/?q=1'])('is not %s', async (server) => {
    const ran = await bootstrap(['--server', server]);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/^error: --server .*URL/);
    expect(ran.stderr).toContain('hint: as in --server http://127.0.0.1:8080');
  });
});

describe('the token', () => {
  it('is that of --token-file, ENVOYAGE_TOKEN_FILE, ENVOYAGE_TOKEN, in this order', async () => {
    const all = { ENVOYAGE_TOKEN_FILE: 'token', ENVOYAGE_TOKEN: 'from-env' };
    expect(await asked(['--token-file', 'other'], all)).toBe('Bearer from-flag');
    expect(await asked([], all)).toBe('Bearer from-file');
    expect(await asked([], { ENVOYAGE_TOKEN: 'from-env' })).toBe('Bearer from-env');
    expect(await asked([], {})).toBeUndefined();
  });

  it.each<[string[], Record<string, string>, RegExp]>([
    [['--token-file', 'none'], {}, /^error: --token-file ".*\/none" does not exist/],
    [[], { ENVOYAGE_TOKEN_FILE: '.' }, /^error: ENVOYAGE_TOKEN_FILE ".*" is a folder, not a file/],
    [[], { ENVOYAGE_TOKEN: 'two words' }, /^error: ENVOYAGE_TOKEN holds more than one word/],
  ])('is wrong: %j %j', async (args, env, message) => {
    const ran = await bootstrap(args, { env });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(message);
  });
});

describe('where no daemon answers', () => {
  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    return port;
  }

  it('says which one was tried, why, and how to start one', async () => {
    const server = `http://127.0.0.1:${await freePort()}`;
    for (const argv of [['status'], ['add', 'web.example.com', 'a:1'], ['switch', 'web.example.com', 'a:1'], ['remove', 'web.example.com'], ['bootstrap']]) {
      expect(await run([...argv, '--server', server])).toEqual({
        code: 3,
        stdout: '',
        stderr: `error: no daemon answers at ${server} (connection refused)\nhint: start one with \`envoyage serve\`, or name another with --server URL\n`,
      });
    }
    const json = await run(['status', '--json', '--server', server]);
    expect([json.code, json.stdout]).toEqual([3, '']);
    expect(JSON.parse(json.stderr)).toMatchObject({ type: 'urn:envoyage:problem:daemon-unreachable', code: 'daemon-unreachable', status: 503 });
  });

  it.each([
    [{ code: 'ENOTFOUND' }, 'the host name does not resolve', /envoyage serve/],
    [{ code: 'UND_ERR_SOCKET' }, 'the connection was closed', /envoyage serve/],
    [Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'self-signed certificate', /NODE_EXTRA_CA_CERTS=FILE/],
    [new Error('bad port'), 'bad port', /envoyage serve/],
  ])('says what came between: %j', (cause, reason, hint) => {
    const error = unreachable('https://x', new TypeError('fetch failed', { cause }), 1000);
    expect([error.message, error.hint]).toEqual([`no daemon answers at https://x (${reason})`, expect.stringMatching(hint)]);
  });

  it.each([
    ['a web page', { status: 404, type: 'text/html', body: '<h1>no</h1>' }, 'something else does: HTTP 404, text/html'],
    ['another API', { status: 404, body: { error: 'no' } }, 'something else does: HTTP 404, application/json'],
    ['a redirect', { status: 302, type: 'text/plain', body: '' }, 'something else does: HTTP 302, text/plain'],
    ['what claims to be well', { status: 200, body: 'hello' }, 'something else does: HTTP 200, application/json'],
  ])('but %s does', async (_, answer, message) => {
    api.reset({ 'GET /api/v1/daemon': answer });
    const ran = await bootstrap(['--server', api.url]);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain(`no daemon answers at ${api.url} (${message})`);
  });

  it('gives up on one that is silent', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    api.reset({ 'GET /api/v1/daemon': () => held.then(() => ({ body: daemonInfo() })) });
    const client = createClient({ server: api.url, author: 'a@b', answerMs: 50 });
    await expect(client.daemon()).rejects.toThrow(`no daemon answers at ${api.url} (nothing came within 0.05 s)`);
    release();
  });
});

describe('problem documents', () => {
  it.each<[EnvoyageError, number]>([
    [new EnvoyageError('unauthorized', 'the request carries no token', { hint: 'set ENVOYAGE_TOKEN' }), 2],
    [new EnvoyageError('body-too-large', 'too large'), 2],
    [new EnvoyageError('not-found', 'nothing there'), 6],
    [new EnvoyageError('precondition-failed', 'it changed'), 6],
    [new EnvoyageError('store-failed', 'the disk is full'), 1],
    [new EnvoyageError('internal', 'oh'), 1],
  ])('become errors again: %s', async (error, code) => {
    api.reset({ 'GET /api/v1/daemon': error });
    const ran = await bootstrap(['--server', api.url]);
    expect(ran).toEqual({ code, stdout: '', stderr: `error: ${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}` });
    const json = await bootstrap(['--server', api.url, '--json']);
    expect(JSON.parse(json.stderr)).toMatchObject({ code: error.code, status: error.status, detail: error.message });
  });

  it('list every fault with its field', async () => {
    const errors = [
      { field: '/host', message: 'the host "x y" is wrong' },
      { field: '/groups/0', message: 'a group must be a string' },
    ];
    api.reset({ 'POST /api/v1/services': new EnvoyageError('invalid-request', 'two things', { errors }) });
    const ran = await run(['add', 'x.example.com', 'a:1', '--server', api.url]);
    expect(ran).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: 2 things are wrong\n  /host: the host "x y" is wrong\n  /groups/0: a group must be a string\n',
    });
  });

  it('of a newer daemon are understood by their status', async () => {
    for (const [status, code] of [
      [409, 6],
      [422, 2],
      [507, 1],
    ] as const) {
      api.reset({ 'GET /api/v1/daemon': { status, body: { type: 'urn:x', title: 'x', status, code: 'brand-new', detail: 'something new' } } });
      const ran = await bootstrap(['--server', api.url]);
      expect([ran.code, ran.stderr]).toEqual([code, 'error: something new\n']);
    }
  });
});
