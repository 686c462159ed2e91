import { describe, expect, it } from 'vitest';
import { bytesFault, durationFault, enumFault, type NumberRules, numberFault, type StringRules, stringFault } from './rules.ts';

describe('rules', () => {
  it.each<[number, NumberRules, string | undefined]>([
    [5, { gte: 5, lt: 6 }, undefined],
    [6, { gte: 5, lt: 6 }, 'value must be inside range [5, 6)'],
    [5, { gt: 5, lte: 6 }, 'value must be inside range (5, 6]'],
    [5, { gt: 6, lt: 5 }, 'value must be outside range (6, 5)'],
    [7, { gt: 6, lt: 5 }, undefined],
    [4, { gt: 6, lt: 5 }, undefined],
    [5, { gt: 5 }, 'value must be greater than 5'],
    [5, { lt: 5 }, 'value must be less than 5'],
    [6, { lte: 5 }, 'value must be less than or equal to 5'],
    [4, { gte: 5 }, 'value must be greater than or equal to 5'],
    [0, { gte: 5, ignoreEmpty: true }, undefined],
    [5, { const: 6 }, 'value must equal 6'],
    [5, { in: [1, 2] }, 'value must be in list [1 2]'],
    [5, { notIn: [5] }, 'value must not be in list [5]'],
    [5, { in: [] }, undefined],
  ])('of number %j: %j', (value, rules, expected) => {
    expect(numberFault(value, rules)).toBe(expected);
  });

  it.each<[string, StringRules, string | undefined]>([
    ['💩', { minLen: 2 }, 'value length must be at least 2 characters'],
    ['💩', { maxLen: 1 }, undefined],
    ['💩', { maxBytes: 3 }, 'value length must be at most 3 bytes'],
    ['ab', { minLen: 3, maxLen: 4 }, 'value length must be between 3 and 4 characters, inclusive'],
    ['ab', { minBytes: 3, maxBytes: 3 }, 'value length must be 3 bytes'],
    ['ab', { len: 3 }, 'value length must be 3 characters'],
    ['', { minLen: 3, ignoreEmpty: true }, undefined],
    ['ab', { const: 'a' }, 'value must equal a'],
    ['ab', { prefix: 'b' }, 'value does not have prefix "b"'],
    ['ab', { suffix: 'a' }, 'value does not have suffix "a"'],
    ['ab', { contains: 'c' }, 'value does not contain substring "c"'],
    ['ab', { prefix: 'a', suffix: 'b', contains: '' }, undefined],
    ['a b', { wellKnownRegex: 1 }, expect.stringContaining('value does not match regex pattern')],
    [':path', { wellKnownRegex: 1 }, undefined],
    ['a\tb', { wellKnownRegex: 2 }, undefined],
    ['a\u0001b', { wellKnownRegex: 2 }, expect.stringContaining('value does not match regex pattern')],
    ['a\u0001b', { wellKnownRegex: 2, strict: false }, undefined],
    ['a\u0000b', { wellKnownRegex: 1, strict: false }, expect.stringContaining('value does not match regex pattern')],
  ])('of text %j: %j', (value, rules, expected) => {
    expect(stringFault(value, rules)).toEqual(expected);
  });

  it('of bytes, enums and durations', () => {
    expect(bytesFault(new Uint8Array(3), { maxLen: 2 })).toBe('value length must be at most 2 bytes');
    expect(bytesFault(new Uint8Array(), { minLen: 2, ignoreEmpty: true })).toBeUndefined();
    const names = { A: 0, B: 1 };
    expect(enumFault(2, { definedOnly: true }, names)).toBe('value must be one of the defined enum values');
    expect(enumFault(0, { const: 1 }, names)).toBe('value must equal B');
    expect(enumFault(0, { in: [1] }, names)).toBe('value must be in list [B]');
    expect(enumFault(1, { in: [1], definedOnly: true }, names)).toBeUndefined();
    expect(durationFault({ seconds: 1 }, { gte: { nanos: 1_000_000 }, lt: { seconds: 1 } })).toBe('value must be inside range [1ms, 1s)');
    expect(durationFault({ nanos: 5 }, { gt: { nanos: 5 } })).toBe('value must be greater than 5ns');
    expect(durationFault({ nanos: 6 }, { gt: { nanos: 5 } })).toBeUndefined();
    expect(durationFault({ nanos: 6 }, { const: { seconds: 2 } })).toBe('value must equal 2s');
  });
});
