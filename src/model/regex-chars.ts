/** What characters a part of a regular expression stands for. */

export type Range = readonly [from: number, to: number];

/** Some code points. */
export interface CharSet {
  readonly ranges: readonly Range[];
  readonly negated: boolean;
  readonly anyCase: boolean;
}

export const LAST_CODE_POINT = 0x10ffff;

export const code = (char: string): number => char.codePointAt(0) ?? 0;
const span = (text: string): Range[] => text.split(' ').map((pair) => [code(pair), code(pair.slice(-1))]);

const DIGIT = span('09');
const WORD = span('09 AZ __ az');
const SPACE: Range[] = [
  [9, 10],
  [12, 13],
  [32, 32],
];
export const PERL: Readonly<Record<string, readonly Range[]>> = { d: DIGIT, w: WORD, s: SPACE };
export const POSIX: Readonly<Record<string, readonly Range[]>> = {
  alnum: span('09 AZ az'),
  alpha: span('AZ az'),
  blank: [
    [9, 9],
    [32, 32],
  ],
  digit: DIGIT,
  lower: span('az'),
  punct: span('!/ :@ [` {~'),
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: span('AZ'),
  word: WORD,
  xdigit: span('09 AF af'),
};
export const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

export function complement(ranges: readonly Range[]): readonly Range[] {
  const gaps: Range[] = [];
  let from = 0;
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    if (first > from) gaps.push([from, first - 1]);
    from = Math.max(from, last + 1);
  }
  gaps.push([from, LAST_CODE_POINT]);
  return gaps;
}

export function has({ ranges, negated, anyCase }: CharSet, point: number): boolean {
  const within = (each: number): boolean => ranges.some(([from, to]) => each >= from && each <= to);
  return (within(point) || (anyCase && casesOf(point).some(within))) !== negated;
}

function casesOf(point: number): number[] {
  const char = String.fromCodePoint(point);
  return [char.toLowerCase(), char.toUpperCase()].filter((each) => [...each].length === 1).map((each) => each.codePointAt(0) ?? 0);
}
