import { existsSync, rmSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { EnvoyageError } from '../lib/errors.ts';
import { prepareDataDir, prepareFile, sizeOf } from './data-dir.ts';
import { readHeader } from './header.ts';
import { lockHolder } from './lock-holder.ts';
import { APPLICATION_ID, MIGRATIONS, migrate } from './migrations.ts';
import { damaged, foreign, inUse, isBusy, isCorrupt, newer, notADatabase, openFault } from './unusable.ts';

export interface OpenDatabase {
  readonly db: Database.Database;
  readonly path: string;
  /** The file itself, as it was at open, whatever its path leads to later. */
  readonly file: Stats;
  /** Moves the log into the file and lets go of it. Once only. */
  close(): void;
}

/**
 * How often and how long to try for the lock, in milliseconds: a second at the most. Two that start in the same instant can
 * each hold a shared lock that the other waits for; each lets go between tries, and the random part lets one of them win.
 */
const LOCK_TRIES = 4;
const LOCK_WAIT = { least: 100, random: 150 };

/** Files that this process has open, by device and inode: the kernel's locks do not keep a process from itself. */
const open = new Set<string>();

/**
 * Opens `envoyage.db` of the data folder for this process alone, makes both where they are missing, and brings the schema up
 * to date. A file that is refused is left as it was, its write-ahead log too.
 *
 * While it is open, nothing else in this process may open or read the file: closing any other descriptor of it drops the lock.
 * @param nativeBinding better-sqlite3's addon, where it is not to look for it itself
 * @throws EnvoyageError data-dir-unusable, store-unusable
 */
export function openDatabase(dataDir: string, nativeBinding?: object): OpenDatabase {
  const dir = resolve(dataDir);
  const path = join(dir, 'envoyage.db');
  prepareDataDir(dir);
  let file: Stats | undefined;
  try {
    file = prepareFile(dir, path);
    return openFile(path, file, nativeBinding);
  } catch (thrown) {
    throw openFault(path, thrown, () => (file === undefined ? undefined : lockHolder(file)));
  }
}

function openFile(path: string, file: Stats, nativeBinding: object | undefined): OpenDatabase {
  const key = `${file.dev}:${file.ino}`;
  if (open.has(key)) throw inUse(path, process.pid);
  judgeHeader(path);
  if (sizeOf(`${path}-wal`) > 0) checkUntouched(path, nativeBinding);
  const db = withRetries((timeout) => openExclusively(path, timeout, nativeBinding));
  open.add(key);
  const close = (): void => {
    open.delete(key);
    try {
      db.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // A full disk, say. Nothing is lost: the log stays, and the next open reads it.
    }
    db.close();
  };
  return { db, path, file, close };
}

/** Says no to what is not ours before SQLite lays hands on it: SQLite would recover or checkpoint it. */
function judgeHeader(path: string): void {
  if (sizeOf(path) === 0) return;
  const header = readHeader(path);
  if (header === undefined) {
    // The first write of all may have been cut short; then its journal is there, and SQLite undoes it.
    if (sizeOf(`${path}-journal`) > 0) return;
    throw notADatabase(path);
  }
  judge(path, header.applicationId, header.userVersion);
}

function judge(path: string, applicationId: number, version: number): void {
  if (applicationId !== APPLICATION_ID) throw foreign(path, applicationId);
  if (version > MIGRATIONS.length) throw newer(path, version, MIGRATIONS.length);
}

/**
 * Looks for damage through a read-only connection: one that may write would, on closing, move the log that a crash left into
 * the damaged file. It only ever says no: where it cannot look (a full disk, a lock), opening goes on and tells.
 */
function checkUntouched(path: string, nativeBinding: object | undefined): void {
  const index = `${path}-shm`;
  const hadIndex = existsSync(index);
  let db: Database.Database | undefined;
  try {
    db = connect(path, { readonly: true, timeout: LOCK_WAIT.least }, nativeBinding);
    check(db, path);
  } catch (thrown) {
    if (isCorrupt(thrown) || thrown instanceof EnvoyageError) throw openFault(path, thrown, () => undefined);
  } finally {
    db?.close();
    if (!hadIndex) rmSync(index, { force: true });
  }
}

function openExclusively(path: string, timeout: number, nativeBinding: object | undefined): Database.Database {
  const db = connect(path, { fileMustExist: true, timeout }, nativeBinding);
  try {
    // Before the first access: so the WAL is entered without shared memory, and that access takes the lock for good.
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    // Each commit waits for the disk. Only macOS knows the second one: there, fsync alone does not reach the disk.
    db.pragma('synchronous = FULL');
    db.pragma('fullfsync = ON');
    db.pragma('journal_size_limit = 16777216');
    if (db.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
      judge(path, db.pragma('application_id', { simple: true }) as number, db.pragma('user_version', { simple: true }) as number);
      check(db, path);
    }
    migrate(db);
    db.pragma('foreign_keys = ON');
    if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal') throw damaged(path, 'it cannot be switched to write-ahead logging');
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

function check(db: Database.Database, path: string): void {
  const fault = db.pragma('quick_check(1)', { simple: true });
  if (fault !== 'ok') throw damaged(path, String(fault));
}

function connect(path: string, options: Database.Options, nativeBinding: object | undefined): Database.Database {
  // Its types know the path of an addon only; the code takes the loaded addon as well.
  return new Database(path, nativeBinding === undefined ? options : { ...options, nativeBinding: nativeBinding as unknown as string });
}

function withRetries<T>(attempt: (timeout: number) => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return attempt(LOCK_WAIT.least + Math.floor(Math.random() * LOCK_WAIT.random));
    } catch (thrown) {
      if (!isBusy(thrown) || tries === LOCK_TRIES) throw thrown;
    }
  }
}

/** True where the path still leads to the file that was opened. */
export function isInPlace({ path, file }: OpenDatabase): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now?.ino === file.ino && now.dev === file.dev;
}
