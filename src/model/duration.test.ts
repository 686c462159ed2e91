import { describe, expect, it } from 'vitest';
import { durationMs, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['15s', '15s'],
    ['0', '0s'],
    ['0s', '0s'],
    ['0ms', '0s'],
    ['250ms', '0.25s'],
    ['0.25s', '0.25s'],
    ['.25s'.padStart(5, '0'), '0.25s'],
    ['1ms', '0.001s'],
    ['1m30s', '90s'],
    ['90s', '90s'],
    ['1.5m', '90s'],
    ['1h0m1ms', '3600.001s'],
    ['0.1s', '0.1s'],
    ['1.001s', '1.001s'],
    ['0.000000275h', undefined],
    ['0.25h', '900s'],
    ['8760h', '31536000s'],
    ['31536000s', '31536000s'],
    ['007s', '7s'],
  ])('%s → %s', (text, duration) => {
    if (duration === undefined) return expect(() => parseDuration(text)).toThrow('is finer than a millisecond');
    expect(parseDuration(text)).toBe(duration);
    expect(parseDuration(duration)).toBe(duration);
    return undefined;
  });

  it.each([
    '',
    's',
    '15',
    '15 s',
    ' 15s',
    '15s ',
    '-15s',
    '+1s',
    '1e3s',
    '15S',
    '15sec',
    '1s1m',
    '1s1s',
    '1d',
    '1us',
    '.5s',
    '5.s',
    '1m30',
    '١s',
    `${'9'.repeat(13)}s`,
  ])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(/^(is no duration: write hours, minutes, seconds and milliseconds|lacks a unit: write 15s for seconds$)/);
  });

  it.each([
    ['0.0001s', 'is finer than a millisecond'],
    ['0.5ms', 'is finer than a millisecond'],
    ['1.0005s', 'is finer than a millisecond'],
    ['8760h1ms', 'is longer than a year (8760h)'],
    ['999999999999h', 'is longer than a year (8760h)'],
  ])('refuses %s, which %s', (text, message) => {
    expect(() => parseDuration(text)).toThrow(new Error(message));
  });

  it('has one form for each number of milliseconds, and it means the same', () => {
    for (let ms = 0; ms < 5000; ms++) {
      const duration = parseDuration(`${ms}ms`);
      expect(durationMs(duration)).toBe(ms);
      expect(parseDuration(duration)).toBe(duration);
    }
    expect(durationMs(parseDuration('8759h59m59s999ms'))).toBe(8760 * 3_600_000 - 1);
  });
});
