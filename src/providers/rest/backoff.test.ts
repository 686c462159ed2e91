import { describe, expect, it } from 'vitest';
import { backoff, MOST_RETRY_AFTER, pause, retryAfterOf } from './backoff.ts';

it('waits the interval, give or take a tenth', () => {
  expect([pause(10, 0), pause(10, 0.5), pause(10, 1)]).toEqual([9, 10, 11]);
});

describe('after failures', () => {
  it('waits twice as long each time, up to five minutes, half of it by chance', () => {
    expect([1, 2, 3, 4, 6, 7, 1000].map((failures) => backoff(10, failures, 1))).toEqual([10, 20, 40, 80, 300, 300, 300]);
    expect(backoff(10, 3, 0)).toBe(20);
    expect(backoff(3600, 1, 1)).toBe(3600);
  });

  it('waits as long as the server wants, up to a limit', () => {
    expect(backoff(10, 1, 0, 120)).toBe(120);
    expect(backoff(10, 1, 0, 1e9)).toBe(MOST_RETRY_AFTER);
    expect(backoff(10, 6, 1, 5)).toBe(300);
  });
});

it('reads what a server wants in seconds or as a date', () => {
  const now = new Date('2015-10-21T07:28:00Z');
  expect(['120', 'Wed, 21 Oct 2015 07:29:00 GMT', 'Wed, 21 Oct 2015 07:00:00 GMT', 'soon', undefined].map((text) => retryAfterOf(text, now))).toEqual([
    120,
    60,
    0,
    undefined,
    undefined,
  ]);
});
