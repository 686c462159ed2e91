import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFault } from './read-fault.ts';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'envoyage-fault-'));
  writeFileSync(join(dir, 'file'), '');
  symlinkSync('loop', join(dir, 'loop'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function fault(name: string): string {
  try {
    readFileSync(join(dir, name));
  } catch (thrown) {
    return readFault(thrown);
  }
  return 'none';
}

describe('why a file cannot be read', () => {
  it.each([
    ['none', 'does not exist'],
    ['file/below', 'does not exist'],
    ['.', 'is a folder, not a file'],
    ['loop', 'is a link that leads in a circle'],
    ['x'.repeat(1000), /^cannot be read: ENAMETOOLONG/],
  ])('%s', (name, words) => {
    expect(fault(name)).toMatch(words);
  });

  it('is said where the system has no code for it, too', () => {
    expect(readFault(Object.assign(new Error('no'), { code: 'EACCES' }))).toBe('cannot be read: permission denied');
    expect(readFault(new Error('broken'))).toBe('cannot be read: broken');
  });
});
