import { expect, it } from 'vitest';
import { shrinkFault } from './shrink.ts';

const keys = (text: string): Set<string> => new Set(text.split('').filter((key) => key !== ' '));

it.each<[before: string, now: string, most: number, isKeptOut: boolean]>([
  ['', '', 0, false],
  ['', 'ab', 0.5, false],
  ['ab', 'a', 0.5, false],
  ['abc', 'a', 0.5, true],
  ['a', '', 0.5, true],
  ['ab', 'xy', 0.5, true],
  ['ab', 'a', 0, true],
  ['ab', '', 0.99, true],
  ['ab', '', 1, false],
])('from "%s" to "%s" where %d may go', (before, now, most, isKeptOut) => {
  expect(shrinkFault(keys(before), keys(now), most) !== undefined).toBe(isKeptOut);
});

it('says what is gone', () => {
  expect(shrinkFault(keys('abcdef'), keys('a'), 0.5)).toBe('the answer lacks 5 of 6 objects (b, c, d, …), and no more than 50 % may go at once');
});
