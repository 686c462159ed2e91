/** Milliseconds, the finest that Envoy keeps most of its times in: a finer one would come out as 0, which often means for ever. */
const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** A year: more is a mistake, and far within what protobuf and Envoy can hold. */
const MOST_MS = 8760 * 3_600_000;

const PART = /^(\d{1,12})(?:\.(\d{1,9}))?(h|ms|m|s)/;

/**
 * Reads `15s`, `250ms`, `1m30s`, `1.5h` or `0` into the one form of each length: seconds, as JSON has a
 * google.protobuf.Duration (`0.25s`), with no more digits than it takes.
 * @throws Error whose message says what is wrong with the text, without repeating it
 */
export function parseDuration(text: string): string {
  if (text === '0') return '0s';
  if (/^\d+(\.\d+)?$/.test(text)) throw new Error(`lacks a unit: write ${text.slice(0, 12)}s for seconds`);
  let rest = text;
  let from = 0;
  let ms = 0;
  do {
    const [part, whole, fraction = '', unit] = PART.exec(rest) ?? [];
    const at = UNITS.findIndex(([name]) => name === unit);
    if (part === undefined || at < from) throw new Error('is no duration: write hours, minutes, seconds and milliseconds, as in 1h, 1m30s, 15s or 250ms');
    // In whole numbers: 0.1 and its like have no exact form otherwise. A fraction of 9 digits of an hour stays below 2^53.
    const scaled = Number(fraction.padEnd(9, '0')) * (UNITS[at]?.[1] ?? 0);
    if (scaled % 1e9 !== 0) throw new Error('is finer than a millisecond');
    ms += Number(whole) * (UNITS[at]?.[1] ?? 0) + scaled / 1e9;
    rest = rest.slice(part.length);
    from = at + 1;
  } while (rest !== '');
  if (ms > MOST_MS) throw new Error('is longer than a year (8760h)');
  return `${ms / 1000}s`;
}

/** @param duration as parseDuration writes it */
export function durationMs(duration: string): number {
  return Math.round(Number(duration.slice(0, -1)) * 1000);
}
