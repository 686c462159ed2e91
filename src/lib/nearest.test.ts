import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

const FIELDS = ['id', 'host', 'endpoints', 'groups', 'revision'];

describe('nearest', () => {
  it.each([
    ['endpoint', 'endpoints'],
    ['endpiont', 'endpoints'],
    ['enpdoints', 'endpoints'],
    ['Groups', 'groups'],
    ['grups', 'groups'],
    ['hots', 'host'],
    ['hosts', 'host'],
    ['ids', 'id'],
    ['end', 'endpoints'],
    ['rev', 'revision'],
  ])('%s → %s', (word, meant) => {
    expect(nearest(word, FIELDS)).toBe(meant);
  });

  it.each(['', 'x', 'e', 'port', 'timeout', 'xxxxxxxxxx'])('%j is near to none', (word) => {
    expect(nearest(word, FIELDS)).toBeUndefined();
  });

  it('makes no guess for a long word: a third of its length would reach every short one', () => {
    expect(nearest('x'.repeat(300), FIELDS)).toBeUndefined();
    expect(nearest('x'.repeat(10_000_000), FIELDS)).toBeUndefined();
  });

  it('prefers the closest, and of equals the first', () => {
    expect(nearest('abcd', ['abxx', 'abcx', 'abcy'])).toBe('abcx');
  });

  it('counts two neighbours swapped as one step', () => {
    expect(nearest('ohst', ['host'])).toBe('host');
  });
});

describe('didYouMean', () => {
  it('is the rest of a sentence, or nothing', () => {
    expect(didYouMean('hots', FIELDS)).toBe(' (did you mean "host"?)');
    expect(didYouMean('nothing-like-it', FIELDS)).toBe('');
  });
});
