import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceList } from '../../src/api/types.ts';
import { freePort } from '../support/ports.ts';
import { BINARY, cleanEnv, envoyage, type Ran, TestDaemon, tempDir } from '../support/program.ts';

/** Bad input as a user gives it, to the real binary: a clear message, an exit code that says what kind, and nothing changed. */

let folder: ReturnType<typeof tempDir>;
let daemon: TestDaemon;
let before: ServiceList;

beforeAll(async () => {
  folder = tempDir();
  daemon = await TestDaemon.create({ dataDir: join(folder.path, 'data'), listeners: [`127.0.0.1:${await freePort()}`] });
  await daemon.start();
  expect(await daemon.cli('add', 'web.example.com', 'web-a:5678')).toMatchObject({ code: 0 });
  before = await daemon.get<ServiceList>('/api/v1/services');
});

afterAll(async () => {
  expect(await daemon.get<ServiceList>('/api/v1/services')).toEqual(before);
  await daemon.stop();
  folder.remove();
});

const USAGE = 2;
const CONFLICT = 6;

describe('the command line', () => {
  it.each<{ args: string[]; code: number; says: RegExp[] }>([
    { args: ['add', 'web_!.example.com', 'web-a:5678'], code: USAGE, says: [/host/, /web_!\.example\.com/] },
    { args: ['add', 'http://web.example.com', 'web-a:5678'], code: USAGE, says: [/scheme/] },
    { args: ['add', 'new.example.com', 'web-a:0'], code: USAGE, says: [/port 0/, /1 to 65535/] },
    { args: ['add', 'new.example.com', 'web-a:70000'], code: USAGE, says: [/70000/, /1 to 65535/] },
    { args: ['add', 'new.example.com', 'web-a'], code: USAGE, says: [/HOST:PORT/] },
    { args: ['add', 'new.example.com'], code: USAGE, says: [/endpoint/i] },
    { args: ['add', 'web.example.com', 'web-b:5678'], code: CONFLICT, says: [/exists/, /envoyage switch web\.example\.com/] },
    { args: ['switch', 'nowhere.example.com', 'web-b:5678'], code: CONFLICT, says: [/no service "nowhere\.example\.com"/] },
    { args: ['switch', 'web.example.co', 'web-b:5678'], code: CONFLICT, says: [/web\.example\.com/] },
    { args: ['remove', 'nowhere.example.com'], code: CONFLICT, says: [/no service "nowhere\.example\.com"/] },
    { args: ['swich', 'web.example.com', 'web-b:5678'], code: USAGE, says: [/switch/] },
    { args: ['serve', '--http-adress', '127.0.0.1:1'], code: USAGE, says: [/--http-address/] },
    { args: ['serve', '--http-address', '127.0.0.1:70000'], code: USAGE, says: [/70000/] },
    { args: ['serve', '--http-address', '0.0.0.0:8080'], code: USAGE, says: [/token/, /TLS/] },
    { args: ['serve', '--xds-address', '0.0.0.0:9090'], code: USAGE, says: [/--xds-allow-plaintext/] },
  ])('$args', async ({ args, code, says }) => {
    const ran = await daemon.cli(...args);
    expect({ code: ran.code, stdout: ran.stdout }, ran.stderr).toEqual({ code, stdout: '' });
    for (const pattern of says) expect(ran.stderr).toMatch(pattern);
    expect(ran.stderr).not.toMatch(/\n\s+at |node:internal/);
  });
});

describe('the API', () => {
  it.each<{ name: string; body: string; status: number; says: RegExp }>([
    { name: 'malformed JSON', body: '{"host": "new.example.com", ', status: 400, says: /not valid JSON/ },
    {
      name: 'an unknown field',
      body: '{"host":"new.example.com","endpoint":["web-a:5678"]}',
      status: 400,
      says: /unknown field \\"endpoint\\" \(did you mean \\"endpoints\\"\?\)/,
    },
    {
      name: 'a host twice in one list',
      body: '[{"host":"x.example.com","endpoints":["a:1"]},{"host":"x.example.com","endpoints":["b:1"]}]',
      status: 409,
      says: /x\.example\.com/,
    },
    {
      name: 'one bad among good',
      body: '[{"host":"x.example.com","endpoints":["a:1"]},{"host":"y.example.com","endpoints":["b:0"]}]',
      status: 400,
      says: /\/1\/endpoints\/0/,
    },
    {
      name: 'a body over the limit',
      body: JSON.stringify({ host: 'x.example.com', endpoints: ['a:1'], id: 'x'.repeat(17 << 20) }),
      status: 413,
      says: /larger than/,
    },
  ])('$name', async ({ body, status, says }) => {
    const response = await fetch(`${daemon.url}/api/v1/services`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect({ status: response.status, text: await response.text() }).toEqual({ status, text: expect.stringMatching(says) });
  });
});

/** `serve` that is expected to give up. */
function serve(...args: string[]): Promise<Ran> {
  return envoyage(['serve', '--http-address', '127.0.0.1:0', '--xds-address', '127.0.0.1:0', '--listener', '127.0.0.1:10000', ...args]);
}

describe('starting', () => {
  it.each(['http', 'xds'])('with the %s port in use', async (what) => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const ran = await serve('--data-dir', join(folder.path, `in-use-${what}`), `--${what}-address`, `127.0.0.1:${port}`);
    taken.close();
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}.*in use`));
    expect(ran.stderr).toContain(`--${what}-address`);
  });

  it('with a data folder that another daemon has', async () => {
    const ran = await serve('--data-dir', join(folder.path, 'data'));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/locked|in use|another/);
  });

  it('with a data folder that cannot be written', async () => {
    // Root may write anywhere, so another user runs it, from a copy that this user can reach.
    const asRoot = process.getuid?.() === 0;
    const place = join(folder.path, 'unwritable');
    mkdirSync(place, { mode: 0o555 });
    chmodSync(folder.path, 0o755);
    const copy = join(folder.path, 'envoyage');
    cpSync(BINARY, copy);
    const child = spawn(copy, ['serve', '--http-address', '127.0.0.1:0', '--xds-address', '127.0.0.1:0', '--data-dir', join(place, 'data')], {
      env: { ...cleanEnv(), HOME: place },
      cwd: folder.path,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(asRoot ? { uid: 65534, gid: 65534 } : {}),
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(join(place, 'data')) });
    expect(stderr).toMatch(/--data-dir/);
  });

  it('where no daemon answers, a command says so and how to start one', async () => {
    const port = await freePort();
    const ran = await envoyage(['status'], { ENVOYAGE_SERVER: `http://127.0.0.1:${port}` });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain(`http://127.0.0.1:${port}`);
    expect(ran.stderr).toContain('envoyage serve');
  });
});
