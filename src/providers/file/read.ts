import { type BigIntStats, constants, close as fsClose, open as fsOpen, read as fsRead, fstat as fsStat } from 'node:fs';
import { promisify } from 'node:util';
import { readFault } from '../../lib/read-fault.ts';
import { stampOf } from './walk.ts';

// Half of what handles cost, which counts where there are thousands.
const open = promisify(fsOpen);
const close = promisify(fsClose);
const read = promisify(fsRead);
const stats = promisify<number, { bigint: true }, BigIntStats>(fsStat);

/** A text of this size takes seconds to be understood, and nothing else is done meanwhile. */
export const MOST_BYTES = 4 * 1024 * 1024;

/** Well beyond the grain of file times, and of clocks that differ a little. */
const QUIET_MS = 3000;

export type Read =
  | { readonly state: 'read'; readonly text: string; readonly stamp: string }
  /** It changed meanwhile. */
  | { readonly state: 'unsettled' }
  | { readonly state: 'fault'; readonly why: string; readonly stamp: string | undefined; readonly line?: number };

/** Reads a file whole, if it is one: opening a pipe waits for nobody, and nothing is read from a device. */
export async function readText(path: string, mostBytes = MOST_BYTES): Promise<Read> {
  let file: number | undefined;
  let stamp: string | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const now = await stats(file, { bigint: true });
    stamp = stampOf(now);
    if (!now.isFile()) return { state: 'fault', why: 'is no plain file', stamp };
    if (now.size > BigInt(mostBytes)) {
      return { state: 'fault', why: `is larger than ${mostBytes} bytes: split it, as many files as you like are read`, stamp };
    }
    const bytes = Buffer.alloc(Number(now.size));
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got) got = (await read(file, bytes, length, bytes.length - length, null)).bytesRead;
    // Of one that nobody has written to for a while it need not be asked.
    const isQuiet = Date.now() - Number(now.mtimeNs / 1_000_000n) > QUIET_MS;
    if (length < bytes.length || (!isQuiet && stampOf(await stats(file, { bigint: true })) !== stamp)) return { state: 'unsettled' };
    return decoded(bytes, stamp);
  } catch (thrown) {
    return { state: 'fault', why: readFault(thrown), stamp };
  } finally {
    if (file !== undefined) await close(file);
  }
}

function decoded(bytes: Buffer, stamp: string): Read {
  try {
    return { state: 'read', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), stamp };
  } catch {
    return { state: 'fault', why: 'is not text in UTF-8', stamp, line: firstBadLine(bytes) };
  }
}

/** Counted from 1. A newline is a byte of its own in UTF-8, whatever stands around it. */
function firstBadLine(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    try {
      decoder.decode(bytes.subarray(start, next));
    } catch {
      return line;
    }
    start = next;
  }
  return line;
}
