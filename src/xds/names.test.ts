import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { askedFor, readNames, setId } from './names.ts';

/** `repeated string` fields of number 3. */
function encoded(names: readonly string[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const name of names) writer.uint32(26).string(name);
  return Buffer.from(writer.finish());
}

const many = (count: number, prefix: string): string[] => Array.from({ length: count }, (_, i) => `${prefix}-${i}.example.com`);

describe('readNames', () => {
  it('reads the names in their order, none where there are none', () => {
    expect(readNames(encoded(['b', 'a', 'ü']))).toEqual(['b', 'a', 'ü']);
    expect(readNames(Buffer.alloc(0))).toEqual([]);
  });

  it('gives the same list for the same bytes, and keeps nothing of the buffer that they came in', () => {
    const raw = encoded(many(100, 'same'));
    const first = readNames(raw);
    const again = Buffer.from(raw);
    raw.fill(0);
    expect(readNames(again)).toBe(first);
    expect(first).toEqual(many(100, 'same'));
  });

  it('tells lists of one length apart', () => {
    const [a, b] = [readNames(encoded(many(100, 'one'))), readNames(encoded(many(100, 'two')))];
    expect(a).toEqual(many(100, 'one'));
    expect(b).toEqual(many(100, 'two'));
  });

  it('forgets the list that was not used for longest', () => {
    const raw = encoded(many(100, 'old'));
    const old = readNames(raw);
    for (let i = 0; i < 15; i++) readNames(encoded(many(100, `other-${i}`)));
    expect(readNames(raw)).toBe(old);
    for (let i = 0; i < 16; i++) readNames(encoded(many(100, `next-${i}`)));
    const anew = readNames(raw);
    expect(anew).not.toBe(old);
    expect(anew).toEqual(old);
  });

  it('refuses what are no strings', () => {
    expect(() => readNames(Buffer.from([26, 200, 1, 97]))).toThrow();
  });
});

describe('askedFor', () => {
  it('takes the wildcard out, and makes one set of one list', () => {
    const list = ['a', '*', 'b', 'a'];
    const asked = askedFor(list);
    expect(asked.wildcard).toBe(true);
    expect([...asked.names]).toEqual(['a', 'b']);
    expect(askedFor(list)).toBe(asked);
    expect(askedFor(['a']).wildcard).toBe(false);
  });
});

describe('setId', () => {
  it('is the same for one set and another for the next', () => {
    const [a, b] = [new Set(['x']), new Set(['x'])];
    expect(setId(a)).toBe(setId(a));
    expect(setId(a)).not.toBe(setId(b));
  });
});
