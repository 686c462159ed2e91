import { describe, expect, it } from 'vitest';
import type { OpenDatabase } from './open.ts';
import { writeFault } from './write-faults.ts';

const sqliteError = (message: string, code: string): Error => Object.assign(new Error(message), { code });

/** A database of which only the checkpoint is asked. */
function database(checkpoint: () => unknown): OpenDatabase {
  return { path: '/data/envoyage.db', db: { pragma: checkpoint } } as unknown as OpenDatabase;
}

describe('writeFault', () => {
  it('says that nothing was changed where the remains of the commit are gone', () => {
    const asked: unknown[] = [];
    const sound = database((...args: unknown[]) => asked.push(args));
    expect(writeFault(sound, sqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC'))).toMatchObject({
      code: 'store-failed',
      message: 'the change could not be written to /data/envoyage.db: disk I/O error (SQLITE_IOERR_FSYNC); nothing was changed',
    });
    expect(asked).toEqual([['wal_checkpoint(TRUNCATE)']]);
  });

  it('says so where a failing disk may have kept them', () => {
    const dying = database(() => {
      throw sqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
    });
    expect(writeFault(dying, sqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC'))).toMatchObject({
      message: expect.stringContaining('it is not in force, but may be after a crash'),
    });
  });

  it('leaves alone what is not of SQLite', () => {
    const error = new RangeError('no');
    expect(
      writeFault(
        database(() => []),
        error,
      ),
    ).toBe(error);
  });
});
