import { closeSync, openSync, readSync } from 'node:fs';

/** What the first bytes of an SQLite file say of it (https://www.sqlite.org/fileformat.html#the_database_header). */
export interface Header {
  readonly applicationId: number;
  readonly userVersion: number;
}

const MAGIC = 'SQLite format 3\0';
const LENGTH = 100;

/** Undefined where this is not the start of an SQLite file. */
export function parseHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < LENGTH || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  return { userVersion: bytes.readInt32BE(60), applicationId: bytes.readInt32BE(68) };
}

/**
 * Never call it on a file that this process has open with SQLite: closing a file descriptor drops every POSIX lock that the
 * process holds on that file (https://www.sqlite.org/howtocorrupt.html, §2.2).
 */
export function readHeader(path: string): Header | undefined {
  const bytes = Buffer.alloc(LENGTH);
  const fd = openSync(path, 'r');
  try {
    return parseHeader(bytes.subarray(0, readSync(fd, bytes, 0, LENGTH, 0)));
  } finally {
    closeSync(fd);
  }
}
