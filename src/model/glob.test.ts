import { describe, expect, it } from 'vitest';
import { globMatches } from './glob.ts';

describe('globMatches', () => {
  it.each([
    ['edge-1', 'edge-1', true],
    ['edge-1', 'edge-10', false],
    ['edge-*', 'edge-10', true],
    ['edge-*', 'edge-', true],
    ['edge-*', 'my-edge-1', false],
    ['*-eu', 'edge-eu', true],
    ['*-eu', 'edge-eu-1', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*ab*ab*', 'xabyab', true],
    ['*ab*ab', 'xabab', true],
    ['*ab*ab', 'xab', false],
    ['a**b', 'ab', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*bc*c', 'abc', false],
    ['Edge', 'edge', false],
    ['edge.1', 'edgex1', false],
    ['[a]?+(b)', '[a]?+(b)', true],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected);
  });

  it('agrees with a plain recursion on everything short', () => {
    const plain = (pattern: string, text: string): boolean => {
      if (pattern === '') return text === '';
      if (pattern[0] === '*') return plain(pattern.slice(1), text) || (text !== '' && plain(pattern, text.slice(1)));
      return text !== '' && pattern[0] === text[0] && plain(pattern.slice(1), text.slice(1));
    };
    const words = (letters: string, length: number): string[] =>
      length === 0 ? [''] : ['', ...words(letters, length - 1).flatMap((word) => [...letters].map((letter) => letter + word))];
    let matches = 0;
    for (const pattern of new Set(words('ab*', 5))) {
      for (const text of new Set(words('ab', 5))) {
        const expected = plain(pattern, text);
        if (expected) matches++;
        if (globMatches(pattern, text) !== expected) expect.fail(`${pattern} on ${text} should be ${expected}`);
      }
    }
    expect(matches).toBeGreaterThan(1000);
  });
});
