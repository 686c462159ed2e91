import { describe, expect, it } from 'vitest';
import { PATTERNS, TEXTS } from './regex.fixture.ts';
import { compileRegex, substitutionFault } from './regex.ts';

describe('a regular expression', () => {
  it.each(PATTERNS)('%j holds where JavaScript says so, too', (pattern) => {
    const [regex, own] = [compileRegex(pattern), new RegExp(`^(?:${pattern})$`)];
    for (const text of TEXTS) expect([text, regex.matches(text)]).toEqual([text, own.test(text)]);
  });

  it.each(PATTERNS.filter((pattern) => !/[$]|\(a\*\)\*|\(\?:\|a\)\+/.test(pattern)))('%j finds what JavaScript finds', (pattern) => {
    const [regex, own] = [compileRegex(pattern), new RegExp(pattern)];
    for (const text of TEXTS) {
      const at = own.exec(text);
      const expected = at === null ? text : `${text.slice(0, at.index)}<${at[0]}|${at[1] ?? ''}>`;
      const found = regex.replaceAll(text, regex.groups === 0 ? '<\\0|>' : '<\\0|\\1>');
      expect(found.slice(0, expected.length)).toBe(expected);
    }
  });

  it.each([
    ['(?P<year>\\d+)-(\\d+)', '1999-12', '\\2/\\1', '12/1999'],
    ['x*', 'baac', '-', '-b-a-a-c-'],
    ['a*', 'baac', '-', '-b-c-'],
    ['a', 'banana', '\\\\', 'b\\n\\n\\'],
    ['(a)|(b)', 'ab', '[\\1\\2]', '[a][b]'],
    ['^/api/*', '/api//x', '/', '/x'],
    ['[[:alpha:]]+', 'ab1cd', '_', '_1_'],
    ['(?i)A', 'aAb', 'x', 'xxb'],
    ['[[:^digit:]]', 'a1', 'x', 'x1'],
    ['[]a]', ']b', 'x', 'xb'],
    ['\\Aa|b\\z', 'aabb', 'x', 'xabx'],
    ['(?s:.)', '\n', 'x', 'x'],
  ])('%j in %j by %j gives %j, as RE2 has it', (pattern, text, substitution, expected) => {
    expect(compileRegex(pattern).replaceAll(text, substitution)).toBe(expected);
  });

  it.each([
    ['', 'is empty'],
    ['a'.repeat(1025), 'is longer than 1024 characters'],
    ['a(?=b)', 'looks around by (?=, which RE2 does not do'],
    ['(?<!a)b', 'looks around by (?<!, which RE2 does not do'],
    ['(a)\\1', 'refers back by \\1, which RE2 does not do'],
    ['(?<n>a)\\k<n>', 'refers back by \\k, which RE2 does not do'],
    ['(a', 'has a ( without its )'],
    ['(?i', 'has a ( without its )'],
    ['a)', 'has a ) without its ('],
    ['[a', 'has a [ without its ]'],
    ['[]', 'has a [ without its ]'],
    ['[z-a]', 'has a range of characters that is none'],
    ['[a-\\d]', 'has a range of characters that is none'],
    ['[[:nope:]]', 'has the class [:nope:], which is none'],
    ['*a', 'has a * with nothing before it to repeat'],
    ['a|+', 'has a + with nothing before it to repeat'],
    ['a**', 'repeats what is a repetition already'],
    ['a{1,2}{3}', 'repeats what is a repetition already'],
    ['a{2,1}', 'repeats {2,1}, which ends before it begins'],
    ['a{x}', 'has a { that begins no repetition: write \\{ for the character'],
    ['a{1001}', 'repeats more than 1000 times, which RE2 does not do'],
    ['(a{100}){11}', 'repeats more than 1000 times, which RE2 does not do'],
    ['(?:(?:abcdefghijkl){900})', 'is too large once its repetitions are written out'],
    ['(?m)a', 'has (?m: of the flags, i and s can be used'],
    ['\\pL', 'has \\p, which means nothing here'],
    ['\\x{110000}', 'has a \\x without the number of a character'],
    ['a\\', 'ends with a backslash'],
    ['(?P<1>a)', 'has a group with a name that is none'],
    ['a\nb', 'has a control character'],
    ['('.repeat(60), 'has more than 50 groups inside of one another'],
  ])('is not %j', (pattern, message) => {
    expect(() => compileRegex(pattern)).toThrow(message);
  });

  it('takes time that grows with the text, not more', () => {
    // JavaScript's own would try 2^5000 ways.
    expect(compileRegex('(a|a)*(a+)+b').matches('a'.repeat(5000))).toBe(false);
  });
});

describe('what stands in place of a match', () => {
  it.each([
    ['/x/\\1\\\\', 1, undefined],
    ['\\0', 0, undefined],
    ['\\2', 1, 'has \\2, and the expression has 1 group'],
    ['\\1', 0, 'has \\1, and the expression has no groups'],
    ['\\x', 1, 'has a backslash before something other than a number or a backslash'],
    ['x\\', 1, 'has a backslash before something other than a number or a backslash'],
  ])('%j with %i groups: %s', (text, groups, fault) => {
    expect(substitutionFault(text, groups)).toBe(fault);
  });
});
