import { dirname } from 'node:path';
import { EnvoyageError, systemCode } from '../lib/errors.ts';
import { isInPlace, type OpenDatabase } from './open.ts';

/** The errors that writing to an open store ends in. Nothing was changed then, and a later write may do. */

/**
 * Does a write that is a transaction of its own.
 * @throws EnvoyageError store-failed; then nothing is changed
 */
export function guarded(database: OpenDatabase, write: () => void): void {
  if (!isInPlace(database)) throw moved(database.path);
  try {
    write();
  } catch (thrown) {
    throw writeFault(database, thrown);
  }
}

function moved(path: string): EnvoyageError {
  const hint = 'put the file back where it was, or restart Envoyage to go on with what is there now';
  return new EnvoyageError('store-failed', `the database ${path} was moved, replaced or deleted while Envoyage had it open: a change would be lost`, { hint });
}

/** What a failed transaction threw, as the error that a user reads. What is not SQLite's comes back as it is. */
export function writeFault({ db, path }: OpenDatabase, thrown: unknown): unknown {
  const code = systemCode(thrown);
  if (!code?.startsWith('SQLITE_')) return thrown;
  const dropped = dropRemains(db);
  if (code === 'SQLITE_FULL') {
    const hint = `free some space in ${dirname(path)} and send the change again`;
    return new EnvoyageError('store-failed', `the change could not be written to ${path}: the disk is full; nothing was changed`, { hint, cause: thrown });
  }
  const why = `${thrown instanceof Error ? thrown.message : String(thrown)} (${code})`;
  const outcome = dropped ? 'nothing was changed' : 'it is not in force, but may be after a crash';
  const hint = 'look into the system log for a failing disk, then send the change again';
  return new EnvoyageError('store-failed', `the change could not be written to ${path}: ${why}; ${outcome}`, { hint, cause: thrown });
}

/**
 * A commit whose very last step failed, the sync, stands whole in the log, and a crash would bring it to life. Moving what is
 * committed into the file and cutting off the log takes it away, and gives a full disk its space back. Where that fails too,
 * the next commit overwrites the remains; until then they are there.
 */
function dropRemains(db: OpenDatabase['db']): boolean {
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
    return true;
  } catch {
    return false;
  }
}
