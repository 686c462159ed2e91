import { describe, expect, it } from 'vitest';
import { parseLocks } from './lock-holder.ts';

const LOCKS = `1: POSIX  ADVISORY  READ  70 fe:00:9977890 1073741824 1073742335
2: POSIX  ADVISORY  WRITE 0 fe:00:9977890 1073741824 1073742335
3: POSIX  ADVISORY  WRITE 71 fe:01:9977890 1073741824 1073742335
4: FLOCK  ADVISORY  WRITE 72 fe:00:9977891 0 EOF
5: POSIX  ADVISORY  WRITE 11215 fe:00:9977890 1073741824 1073742335
6: POSIX  ADVISORY  WRITE 73 103:40001:5 0 EOF
`;

describe('parseLocks', () => {
  it('finds the process that may write, by device and inode', () => {
    expect(parseLocks(LOCKS, { dev: 65024, ino: 9977890 })).toBe(11215);
    expect(parseLocks(LOCKS, { dev: 65025, ino: 9977890 })).toBe(71);
  });

  it('takes large device numbers apart as Linux does', () => {
    expect(parseLocks(LOCKS, { dev: 0x4001_0301, ino: 5 })).toBe(73);
    expect(parseLocks(LOCKS, { dev: 0x0001_0301, ino: 5 })).toBeUndefined();
  });

  it('knows when it does not know', () => {
    expect(parseLocks(LOCKS, { dev: 65024, ino: 1 })).toBeUndefined();
    expect(parseLocks('', { dev: 65024, ino: 9977890 })).toBeUndefined();
  });
});
