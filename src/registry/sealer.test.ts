import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSealed } from '../model/sealed.ts';
import { SealError, Sealer } from './sealer.ts';

const secret = Buffer.alloc(32, 7);
const sealer = new Sealer(secret);

function fault(open: () => unknown): string {
  try {
    open();
  } catch (thrown) {
    if (thrown instanceof SealError) return thrown.fault;
    throw thrown;
  }
  return 'none';
}

describe('what is sealed', () => {
  it.each(['', 'a', '-----BEGIN PRIVATE KEY-----\n…', 'ü'.repeat(10_000)])('opens again, and shows nothing of itself (%#)', (text) => {
    const sealed = sealer.seal(text);
    expect(isSealed(sealed)).toBe(true);
    expect(sealer.open(sealed)).toBe(text);
    expect(new Sealer(Buffer.from(secret)).open(sealed)).toBe(text);
    if (text.length > 3) expect(Buffer.from(sealed.slice(10), 'base64url').includes(text.slice(0, 5))).toBe(false);
  });

  it('is the same for the same text, and another for another text or secret', () => {
    expect(sealer.seal('a')).toBe(sealer.seal('a'));
    const nonce = (text: string) => Buffer.from(text.slice(10), 'base64url').subarray(4, 16).toString('hex');
    expect(nonce(sealer.seal('a'))).not.toBe(nonce(sealer.seal('b')));
    expect(nonce(sealer.seal('a'))).not.toBe(nonce(new Sealer(randomBytes(32)).seal('a')));
  });

  it('does not open where a single bit was changed, with another secret, or where it is something else', () => {
    const sealed = sealer.seal('the key');
    const bytes = Buffer.from(sealed.slice(10), 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(
        fault(() => sealer.open(`sealed:v1:${changed.toString('base64url')}`)),
        `byte ${at}`,
      ).toBe(at < 4 ? 'other-key' : 'damaged');
    }
    expect(fault(() => new Sealer(randomBytes(32)).open(sealed))).toBe('other-key');
    for (const text of ['', 'sealed:v1:', 'sealed:v2:abcd', sealed.slice(10), 'sealed:v1:AAAA'])
      expect(
        fault(() => sealer.open(text)),
        text,
      ).toBe('malformed');
  });

  it('needs a secret of 32 bytes', () => {
    expect(() => new Sealer(Buffer.alloc(31))).toThrow('a secret has 32 bytes, not 31');
  });
});
