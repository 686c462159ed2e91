import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { withFileLock } from './file-lock.ts';

describe('withFileLock', () => {
  let folder: string;
  let lock: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'envoyage-lock-'));
    lock = join(folder, 'lock');
  });
  afterEach(() => rm(folder, { recursive: true }));
  const onWait = () => undefined;

  it('lets one in at a time, and says that the others wait', async () => {
    let inside = 0;
    let most = 0;
    let waited = 0;
    const body = async () => {
      inside++;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withFileLock(lock, body, { onWait: () => waited++ })));
    expect(most).toBe(1);
    expect(waited).toBe(4);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is free again after a failure', async () => {
    await expect(withFileLock(lock, () => Promise.reject(new Error('no')), { onWait })).rejects.toThrow('no');
    expect(await withFileLock(lock, () => Promise.resolve('yes'), { onWait })).toBe('yes');
  });

  it('takes over the lock of a process that has ended', async () => {
    const ended = Number((await runCommand(['/bin/sh', '-c', 'echo $$'])).output);
    await writeFile(lock, `${ended} ${hostname()} x`);
    expect(await withFileLock(lock, () => Promise.resolve('in'), { onWait })).toBe('in');
  });

  it('takes over a lock that nobody has touched for long', async () => {
    await writeFile(lock, `${process.pid} another-host x`);
    await utimes(lock, new Date(0), new Date(0));
    expect(await withFileLock(lock, () => Promise.resolve('in'), { onWait })).toBe('in');
  });

  it('gives up waiting where it is told to', async () => {
    await writeFile(lock, `${process.pid} ${hostname()} x`);
    const abort = new AbortController();
    await expect(withFileLock(lock, () => Promise.resolve(), { onWait: () => abort.abort(), signal: abort.signal })).rejects.toThrow('aborted');
  });
});
