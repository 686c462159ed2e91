import { readFileSync, type Stats } from 'node:fs';

/** The process that holds a lock on the file, where the system tells (Linux does, in proc_locks(5)). */
export function lockHolder(file: Stats): number | undefined {
  try {
    return parseLocks(readFileSync('/proc/locks', 'utf8'), file);
  } catch {
    return undefined;
  }
}

/**
 * Lines like `1: POSIX  ADVISORY  WRITE 11215 fe:00:9977890 1073741824 1073742335`: process, then device and inode.
 * The process is not above 0 where it lives in another PID namespace.
 */
export function parseLocks(text: string, file: { dev: number; ino: number }): number | undefined {
  for (const line of text.split('\n')) {
    const [, pid, major, minor, inode] = / WRITE (\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /.exec(line) ?? [];
    if (Number(inode) !== file.ino || Number(pid) === 0) continue;
    if (Number.parseInt(major ?? '', 16) === majorOf(file.dev) && Number.parseInt(minor ?? '', 16) === minorOf(file.dev)) return Number(pid);
  }
  return undefined;
}

/** As glibc's gnu_dev_major and gnu_dev_minor take a device number apart, for the 32 bits that Linux uses. */
function majorOf(dev: number): number {
  return (dev >>> 8) & 0xfff;
}

function minorOf(dev: number): number {
  return (dev & 0xff) | ((dev >>> 12) & 0xfff00);
}
