import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from '../lib/errors.ts';

const LOOK_MS = 200;
const BEAT_MS = 2_000;
/** A lock whose holder has not touched it for so long belongs to nobody: the machine may have stopped, or the process been killed. */
const STALE_MS = 20_000;

/**
 * Runs `body` while no other process of this user runs one with the same lock file. A lock left behind is taken over.
 * Two that take over at the very same moment can both get in: `body` must be harmless when done twice.
 * @param onWait called once where another holds it
 */
export async function withFileLock<T>(
  file: string,
  body: () => Promise<T>,
  { onWait, signal }: { onWait: () => void; signal?: AbortSignal | undefined },
): Promise<T> {
  const token = `${process.pid} ${hostname()} ${randomUUID()}`;
  for (let waiting = false; !(await take(file, token)); ) {
    if (await isAbandoned(file)) {
      await discard(file);
      continue;
    }
    if (!waiting) onWait();
    waiting = true;
    await delay(LOOK_MS, undefined, { signal });
  }
  const beat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), BEAT_MS);
  try {
    return await body();
  } finally {
    clearInterval(beat);
    if ((await readFile(file, 'utf8').catch(() => '')) === token) await rm(file, { force: true });
  }
}

async function take(file: string, token: string): Promise<boolean> {
  try {
    await writeFile(file, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  try {
    const [pid, host] = (await readFile(file, 'utf8')).split(' ');
    if (host === hostname() && !isAlive(Number(pid))) return true;
    return Math.abs(Date.now() - (await stat(file)).mtimeMs) > STALE_MS;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCode(thrown) !== 'ESRCH';
  }
}

/** Moved away first: of several that see the same abandoned lock only one then removes it. */
async function discard(file: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
    await rm(aside, { force: true });
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
  }
}
