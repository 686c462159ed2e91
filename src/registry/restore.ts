import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EnvoyageError } from '../lib/errors.ts';
import { prepareDataDir, sizeOf } from './data-dir.ts';
import { readHeader } from './header.ts';
import { Journal } from './journal.ts';
import { openDatabase } from './open.ts';

export interface Restored {
  /** The database that is in place now. */
  readonly path: string;
  /** Where the one before it is; undefined where there was none. */
  readonly aside: string | undefined;
  readonly revision: number;
  readonly objects: number;
}

/**
 * Puts a backup into the place of the database of a data folder that no daemon has open. The backup is checked as the daemon
 * would check it, and brought to this schema, before anything is moved; what was there is kept beside it.
 * @param stamp tells what was there from what was there before, as in `20260101T120000`
 * @throws EnvoyageError invalid-backup, store-unusable, data-dir-unusable; then all is as it was
 */
export function restore(backup: string, dataDir: string, stamp: string, nativeBinding?: object): Restored {
  const dir = resolve(dataDir);
  const path = join(dir, 'envoyage.db');
  prepareDataDir(dir);
  // A folder of its own, in which the copy has the name that the checks know.
  const staging = join(dir, `.restore-${process.pid}`);
  try {
    prepareDataDir(staging);
    const { revision, objects } = checked(backup, staging, nativeBinding);
    const aside = setAside(dir, path, stamp, nativeBinding);
    try {
      renameSync(join(staging, 'envoyage.db'), path);
    } catch (thrown) {
      if (aside !== undefined) renameSync(aside, path);
      throw thrown;
    }
    syncFolder(dir);
    return { path, aside, revision, objects };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function checked(backup: string, staging: string, nativeBinding: object | undefined): { revision: number; objects: number } {
  const copy = join(staging, 'envoyage.db');
  try {
    if (sizeOf(backup) === 0) throw new Error(existsSync(backup) ? 'it is empty' : 'it does not exist');
    if (readHeader(backup) === undefined) throw new Error('it is not a database');
    copyFileSync(backup, copy);
    const database = openDatabase(staging, nativeBinding);
    try {
      const journal = new Journal(database.db);
      return { revision: journal.newest()?.number ?? 0, objects: [...journal.objects()].length };
    } finally {
      database.close();
    }
  } catch (cause) {
    const why = (cause instanceof Error ? cause.message : String(cause)).replaceAll(copy, backup);
    throw new EnvoyageError('invalid-backup', `${backup} cannot be restored: ${why}`, { hint: 'name a file that envoyage backup made', cause });
  }
}

/** Opening it says whether a daemon has it, and moves the write-ahead log into it. */
function setAside(dir: string, path: string, stamp: string, nativeBinding: object | undefined): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    openDatabase(dir, nativeBinding).close();
  } catch (thrown) {
    // What is damaged is what most needs to be replaced.
    if (!(thrown instanceof EnvoyageError) || / is in use by /.test(thrown.message)) throw stopFirst(thrown);
  }
  const aside = join(dir, `envoyage-before-${stamp}.db`);
  if (existsSync(aside)) throw new EnvoyageError('store-unusable', `${aside} is there already`, { hint: 'move it out of the way, or wait a second' });
  for (const end of ['-wal', '-shm', '-journal']) if (existsSync(path + end)) renameSync(path + end, aside + end);
  renameSync(path, aside);
  return aside;
}

function stopFirst(thrown: unknown): unknown {
  if (!(thrown instanceof EnvoyageError)) return thrown;
  const hint = 'stop the daemon first (systemctl stop envoyage, or end its process): a running one would go on with what it has in memory';
  return new EnvoyageError(thrown.code, thrown.message, { hint, cause: thrown });
}

function syncFolder(dir: string): void {
  const folder = openSync(dir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
