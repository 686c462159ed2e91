import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { SecretKey } from './secret-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof EnvoyageError) return `${thrown.code}: ${thrown.message} (${thrown.hint})`;
    throw thrown;
  }
  return 'none';
}

describe('the secret key', () => {
  it('is made when something is sealed, for its owner alone, and stays', () => {
    const key = new SecretKey(folder);
    key.verify([]);
    expect(readdirSync(folder)).toEqual([]);
    const sealed = key.seal('text');
    expect(readdirSync(folder)).toEqual(['secret.key']);
    expect(statSync(key.path).mode & 0o777).toBe(0o600);
    const again = new SecretKey(folder);
    again.verify([sealed]);
    expect([again.open(sealed), again.seal('text')]).toEqual(['text', sealed]);
  });

  it('may be a file of one’s own, which is not made', () => {
    const file = join(folder, 'mine');
    expect(refusal(() => new SecretKey(folder, file).verify([]))).toContain(`secret-key-unusable: the secret key ${file} cannot be read: ENOENT`);
    writeFileSync(file, Buffer.alloc(32, 1).toString('base64'));
    const sealed = new SecretKey(folder, file).seal('text');
    expect(new SecretKey(folder, file).open(sealed)).toBe('text');
    expect(readdirSync(folder)).toEqual(['mine']);
  });

  it('that is missing or another one is found out at the start, and nothing is changed', () => {
    const sealed = [new SecretKey(folder).seal('a'), new SecretKey(folder).seal('b')];
    const kept = readFileSync(join(folder, 'secret.key'));
    rmSync(join(folder, 'secret.key'));
    expect(refusal(() => new SecretKey(folder).verify(sealed))).toMatch(
      /secret\.key is missing, and the keys of 2 certificates were sealed with it .*put it back/,
    );
    expect(readdirSync(folder)).toEqual([]);
    new SecretKey(folder).seal('other');
    expect(refusal(() => new SecretKey(folder).verify(sealed))).toMatch(
      /is not the one that the keys of certificates were sealed with: it was sealed with the secret key [0-9a-f]{8}/,
    );
    new SecretKey(folder).verify(sealed, true);
    writeFileSync(join(folder, 'secret.key'), kept);
    new SecretKey(folder).verify(sealed);
  });

  it('is not the reason that nothing starts where one sealed text is damaged', () => {
    const key = new SecretKey(folder);
    const sealed = key.seal('a');
    key.verify([`${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'B' : 'A'}`]);
  });

  it.each(['', 'not base64', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')])('has to hold 32 bytes in base64, not %j', (text) => {
    writeFileSync(join(folder, 'secret.key'), text);
    expect(refusal(() => new SecretKey(folder).verify([]))).toContain('holds no secret: it has to be 32 bytes in base64');
    expect(refusal(() => new SecretKey(folder).seal('a'))).toContain('holds no secret');
    expect(readFileSync(join(folder, 'secret.key'), 'utf8')).toBe(text);
  });

  it('says so where it cannot be made', () => {
    const absent = join(folder, 'absent');
    expect(refusal(() => new SecretKey(absent).seal('a'))).toContain(`the secret key ${absent}/secret.key cannot be made: ENOENT`);
  });
});
