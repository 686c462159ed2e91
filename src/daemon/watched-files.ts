import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** How often files are looked at, milliseconds. */
const PERIOD_MS = 1000;

/** Far more than any of these files has. */
const MOST_BYTES = 4 * 1024 * 1024;

export type Contents = readonly (string | undefined)[];

/**
 * Tells of files that have changed, by looking at them: notifications do not reach through mounts and links that are
 * replaced, and one file of several says nothing of the others. A change is told once all of them have stayed the same
 * for a period, so that nobody reads half of one.
 * @param contents what they held when they were read last, in the order of `paths`
 * @param onChange called with what they hold; undefined for one that cannot be read
 * @returns what ends it
 */
export function watchFiles(paths: readonly string[], contents: Contents, onChange: (contents: Contents) => void): () => void {
  let known = contents;
  let seen = '';
  let read = '';
  let busy = false;
  let ended = false;
  const look = async (): Promise<void> => {
    const now = (await Promise.all(paths.map(stamp))).join('\n');
    const settled = now === seen;
    seen = now;
    if (!settled || now === read) return;
    read = now;
    const held = await Promise.all(paths.map(async (path) => ((await isReadable(path)) ? readFile(path, 'utf8').catch(() => undefined) : undefined)));
    if (ended || held.every((text, i) => text === known[i])) return;
    known = held;
    onChange(held);
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void look().finally(() => {
      busy = false;
    });
  }, PERIOD_MS);
  timer.unref();
  return () => {
    ended = true;
    clearInterval(timer);
  };
}

/** Devices and pipes never end. */
export function isPlainFile(stats: Stats): boolean {
  return stats.isFile() && stats.size <= MOST_BYTES;
}

async function isReadable(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && isPlainFile(stats);
}

/** Different for each content that a file has had, but for one that is written again within the clock's grain. */
async function stamp(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return 'absent';
  }
}
