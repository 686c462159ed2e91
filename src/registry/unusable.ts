import { dirname } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { EnvoyageError, systemCode } from '../lib/errors.ts';

/** The errors that opening the store ends in. Each says what is wrong with which file, and how to mend it. */

export function dataDirUnusable(dir: string, what: string, thrown: unknown): EnvoyageError {
  const hint = `let the user that runs Envoyage have it: install -d -m 0700${owner()} ${quote(dir)} — or choose another with --data-dir DIR`;
  return new EnvoyageError('data-dir-unusable', `the data folder ${dir} ${what}: ${reason(thrown)}`, { hint, cause: thrown });
}

export function notAFolder(dir: string): EnvoyageError {
  return new EnvoyageError('data-dir-unusable', `the data folder ${dir} is not a folder`, {
    hint: 'choose another with --data-dir DIR, or move what is there out of the way',
  });
}

export function notAFile(path: string): EnvoyageError {
  return unusable(path, 'is not a file', `move it out of the way: mv ${quote(path)} ${quote(`${path}.old`)}`);
}

export function notWritable(path: string, thrown: unknown): EnvoyageError {
  const readOnlyDisk = systemCode(thrown) === 'EROFS';
  const mend = readOnlyDisk ? 'mount its file system read-write' : `let the user that runs Envoyage read and write it${ownerCommand(path)}`;
  return unusable(path, `cannot be written: ${reason(thrown)}`, `${mend} — or choose another data folder with --data-dir DIR`, thrown);
}

/** @param holder the process that has it, where known */
export function inUse(path: string, holder: number | undefined, thrown?: unknown): EnvoyageError {
  const by = holder === process.pid ? 'this very process' : holder === undefined ? 'another process' : `another process (${holder})`;
  const stop = holder === undefined || holder === process.pid ? 'stop it' : `stop it (kill ${holder})`;
  const hint = `most likely another "envoyage serve" runs on this data folder: ${stop}, or give this one a folder of its own with --data-dir DIR`;
  return unusable(path, `is in use by ${by}`, hint, thrown);
}

export function notADatabase(path: string, thrown?: unknown): EnvoyageError {
  return unusable(path, 'is not a database: its content is something else, or damaged at its very start', startFresh(path), thrown);
}

export function damaged(path: string, how: string, thrown?: unknown): EnvoyageError {
  return unusable(path, `is damaged: ${how}`, startFresh(path), thrown);
}

/** A log without its database: SQLite would delete it unread. */
export function orphanLog(path: string): EnvoyageError {
  return unusable(
    path,
    `is missing or empty, but its write-ahead log ${path}-wal has content that would be lost`,
    `put the database back beside it. ${startFresh(path)}`,
  );
}

export function foreign(path: string, applicationId: number): EnvoyageError {
  const id = `0x${(applicationId >>> 0).toString(16).padStart(8, '0')}`;
  return unusable(path, `is a database of another program (application id ${id})`, 'give Envoyage a folder of its own with --data-dir DIR');
}

export function newer(path: string, version: number, known: number): EnvoyageError {
  const hint = 'start that newer Envoyage, or give this one a folder of its own with --data-dir DIR';
  return unusable(path, `was written by a newer Envoyage (its schema is at ${version}, this one knows up to ${known})`, hint);
}

/** Whatever opening or reading the store threw, as the error that a user reads. */
export function openFault(path: string, thrown: unknown, holder: () => number | undefined): EnvoyageError {
  if (thrown instanceof EnvoyageError) return thrown;
  const code = systemCode(thrown) ?? '';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (isBusy(thrown)) return inUse(path, holder(), thrown);
  if (code === 'SQLITE_NOTADB') return notADatabase(path, thrown);
  if (isCorrupt(thrown)) return damaged(path, message, thrown);
  if (thrown instanceof SyntaxError) return damaged(path, `a row is not JSON (${message})`, thrown);
  if (/^SQLITE_(READONLY|CANTOPEN|PERM)/.test(code)) return notWritable(path, thrown);
  if (code === 'SQLITE_FULL') return unusable(path, 'cannot be set up: the disk is full', 'free some space and start again', thrown);
  if (code.startsWith('SQLITE_')) return unusable(path, `cannot be used: ${message} (${code})`, startFresh(path), thrown);
  return EnvoyageError.from(thrown);
}

export function isBusy(thrown: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(systemCode(thrown) ?? '');
}

export function isCorrupt(thrown: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(systemCode(thrown) ?? '');
}

function unusable(path: string, what: string, hint: string, cause?: unknown): EnvoyageError {
  return new EnvoyageError('store-unusable', `the database ${path} ${what}`, { hint, cause });
}

/** One move takes the write-ahead log along; without it the database would lose what was written last. */
function startFresh(path: string): string {
  const aside = quote(`${dirname(path)}/damaged`);
  return `Move it aside: mkdir ${aside} && mv ${quote(path)}* ${aside} — then put a backup in its place, or start without one, with no services`;
}

function reason(thrown: unknown): string {
  const code = systemCode(thrown);
  const errno = typeof thrown === 'object' && thrown !== null && 'errno' in thrown && typeof thrown.errno === 'number' ? thrown.errno : undefined;
  const text = errno === undefined ? (thrown instanceof Error ? thrown.message : String(thrown)) : getSystemErrorMessage(errno);
  return code === undefined ? text : `${text} (${code})`;
}

function owner(): string {
  return process.getuid === undefined ? '' : ` -o ${process.getuid()}`;
}

function ownerCommand(path: string): string {
  return process.getuid === undefined ? '' : `: chown ${process.getuid()} ${quote(path)} && chmod 0600 ${quote(path)}`;
}

/** As a POSIX shell reads it. */
function quote(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
