import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { EnvoyageError, systemCode } from '../lib/errors.ts';

/** Pages copied in one turn of the event loop: a few milliseconds, in which nothing else is answered. */
const PAGES_A_TURN = 500;

let copies = 0;

export interface BackupFile {
  readonly path: string;
  /** Takes the file away. */
  remove(): void;
}

/**
 * Copies the open database into a file of its own in `dir`, for its owner alone. Writes go on meanwhile, and the copy is the
 * state of one moment: those made through this connection are carried over (https://www.sqlite.org/backup.html).
 * @throws EnvoyageError store-failed; then no file is left
 */
export async function backupTo(db: Database.Database, dir: string): Promise<BackupFile> {
  const path = join(dir, `.backup-${process.pid}-${++copies}.db`);
  const remove = (): void => {
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(path + end, { force: true });
  };
  try {
    forgetEarlier(dir);
    closeSync(openSync(path, 'wx', 0o600));
    await db.backup(path, { progress: () => PAGES_A_TURN });
    const file = openSync(path, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return { path, remove };
  } catch (cause) {
    remove();
    const why = cause instanceof Error ? cause.message : String(cause);
    const full = ['ENOSPC', 'SQLITE_FULL'].includes(systemCode(cause) ?? '') || /full/.test(why);
    throw new EnvoyageError('store-failed', `the backup could not be written to ${dir}: ${full ? 'the disk is full' : why}`, {
      hint: full ? `free as much space in ${dir} as the database takes, and ask again` : 'look into the system log for a failing disk, then ask again',
      cause,
    });
  }
}

/** What a process left that was ended in the middle of one. */
function forgetEarlier(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (/^\.backup-\d+-\d+\.db/.test(name) && !name.startsWith(`.backup-${process.pid}-`)) rmSync(join(dir, name), { force: true });
  }
}
