import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BINARY, tempDir } from '../support/program.ts';

const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };

let folder: ReturnType<typeof tempDir>;

beforeEach(() => {
  folder = tempDir();
});

afterEach(() => {
  folder.remove();
});

/** Runs the program with this environment and nothing else: no PATH, no HOME, so no Node but its own. */
async function bare(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(program, args, { cwd: folder.path, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = Promise.all([child.stdout, child.stderr].map(async (stream) => (await stream.setEncoding('utf8').toArray()).join('')));
  const [code] = await once(child, 'close');
  const [stdout = '', stderr = ''] = await texts;
  return { code, stdout, stderr };
}

/** Starts a daemon from the binary with this environment alone, does `work` while it is up, and ends it. */
async function withDaemon(env: Record<string, string>, work: (url: string) => Promise<void>): Promise<number | null> {
  const args = ['serve', '--json', '--http-address', '127.0.0.1:0', '--xds-address', '127.0.0.1:0', '--data-dir', join(folder.path, 'data')];
  const child = spawn(BINARY, args, { cwd: folder.path, env, stdio: ['ignore', 'pipe', 'ignore'] });
  const gone = once(child, 'close');
  try {
    const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    if (first.done) throw new Error('the daemon ended before it was ready');
    const { url } = JSON.parse(first.value) as { url: string };
    await work(url);
  } finally {
    child.kill('SIGTERM');
    await gone;
  }
  return child.exitCode;
}

/** Takes the way through sqlite and through Envoy's API descriptors, which the binary carries inside. */
async function addAndRead(url: string): Promise<void> {
  const body = JSON.stringify({ host: 'web.example.com', endpoints: ['127.0.0.1:5678'] });
  const added = await fetch(`${url}/api/v1/services`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(added.status).toBe(201);
  expect(await (await fetch(`${url}/api/v1/services/web.example.com`)).json()).toMatchObject({ id: 'web.example.com', revision: 1 });
}

describe('the single binary', () => {
  it('says its version', async () => {
    expect(await bare(BINARY, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('helps', async () => {
    const { code, stdout, stderr } = await bare(BINARY, ['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: envoyage');
  });

  it('runs wherever it is put', async () => {
    const copy = join(folder.path, 'renamed');
    copyFileSync(BINARY, copy);
    expect(await bare(copy, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('takes no options of other Node programs from the environment', async () => {
    expect(await bare(BINARY, ['--version'], { NODE_OPTIONS: '--require=/nowhere.js' })).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('serves, and leaves nothing in the folder for temporary files', async () => {
    const tmp = join(folder.path, 'tmp');
    mkdirSync(tmp);
    const code = await withDaemon({ TMPDIR: tmp }, async (url) => {
      await addAndRead(url);
      expect(readdirSync(tmp)).toEqual([]);
    });
    expect(code).toBe(0);
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('finds another folder where that one cannot be used', async () => {
    expect(await withDaemon({ TMPDIR: join(folder.path, 'missing') }, addAndRead)).toBe(0);
  });
});
