import { didYouMean } from '../../lib/nearest.ts';
import { durationMs, parseDuration } from '../../model/duration.ts';

/**
 * Readers of values. Each gives the one form of what was said, and throws an Error whose message goes on after the value:
 * `"80a"` ` is no whole number …`.
 */
export type Value = string | number | boolean | readonly string[];
export type Read<T extends Value = Value> = (text: string) => T;

const YES = ['true', 'yes', 'on', '1'];
const NO = ['false', 'no', 'off', '0'];

export function flag(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw new Error('is neither true nor false');
}

export function wholeNumber(from: number, to: number): Read<number> {
  return (text) => {
    const word = text.trim();
    const number = Number(word);
    if (!/^-?\d{1,9}$/.test(word) || number < from || number > to) throw new Error(`is no whole number from ${from} to ${to}`);
    return number;
  };
}

/** Seconds with their unit, `15s`. @param least milliseconds */
export function duration(least: number): Read<string> {
  return (text) => {
    const read = parseDuration(text.trim());
    if (durationMs(read) < least) throw new Error(least === 1 ? 'is no time at all' : `is shorter than ${least}ms`);
    return read;
  };
}

/** One of the words. @param forms what each stands for, where that is another word */
export function choice(words: readonly string[]): Read<string> {
  return (text) => {
    const word = text.trim().toLowerCase();
    if (!words.includes(word)) throw new Error(`is none of ${words.join(', ')}${didYouMean(word, words)}`);
    return word;
  };
}

/** @param what `a name of letters, digits and hyphens, as in web` */
export function matching(pattern: RegExp, what: string): Read<string> {
  return (text) => {
    const word = text.trim();
    if (!pattern.test(word)) throw new Error(`is not ${what}`);
    return word;
  };
}

/** As `read` has it, without the spaces around it. */
export function trimmed(read: Read<string>): Read<string> {
  return (text) => read(text.trim());
}

/** Several with commas between them, each once, in the order given. */
export function list(read: Read<string>, most: number): Read<readonly string[]> {
  return (text) => {
    const items = text.split(',').map((item) => item.trim());
    if (items.includes('')) throw new Error(items.length === 1 ? 'is empty' : 'has nothing between two commas, or at an end');
    if (items.length > most) throw new Error(`names more than ${most}`);
    return [...new Set(items.map((item) => (items.length === 1 ? read(item) : oneOf(read, item))))];
  };
}

function oneOf(read: Read<string>, item: string): string {
  try {
    return read(item);
  } catch (thrown) {
    throw new Error(`names ${JSON.stringify(item.slice(0, 80))}, which ${thrown instanceof Error ? thrown.message : 'is not valid'}`);
  }
}
