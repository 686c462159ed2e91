/** Tables larger than this are not searched: all of the one text goes, all of the other comes. */
const MOST_CELLS = 4_000_000;

/** Unchanged lines shown around a change. */
const CONTEXT = 3;

type Line = readonly [' ' | '-' | '+', string];

/**
 * The hunks of a unified diff between two texts, without the two lines of its head; none where they are equal. A longest common
 * subsequence of lines decides what stays.
 */
export function lineDiff(before: string, after: string): string[] {
  if (before === after) return [];
  const lines = compare(linesOf(before), linesOf(after));
  const hunks: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (lines[i]?.[0] === ' ') continue;
    const from = Math.max(0, i - CONTEXT);
    let end = i;
    // Changes with no more than twice the context between them share a hunk.
    for (let j = i; j < lines.length && j <= end + 2 * CONTEXT + 1; j++) if (lines[j]?.[0] !== ' ') end = j;
    const to = Math.min(lines.length, end + CONTEXT + 1);
    const hunk = lines.slice(from, to);
    const count =
      (...signs: string[]): ((part: readonly Line[]) => number) =>
      (part) =>
        part.filter(([sign]) => signs.includes(sign)).length;
    const [old, now] = [count(' ', '-'), count(' ', '+')];
    const range = (start: number, length: number): string => `${length === 0 ? start : start + 1},${length}`;
    hunks.push(
      `@@ -${range(old(lines.slice(0, from)), old(hunk))} +${range(now(lines.slice(0, from)), now(hunk))} @@`,
      ...hunk.map(([sign, text]) => sign + text),
    );
    i = to - 1;
  }
  return hunks;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function compare(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (lines: readonly string[]): Line[] => lines.map((line) => [' ', line]);
  return [...same(a.slice(0, start)), ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...same(a.slice(a.length - end))];
}

function middle(a: readonly string[], b: readonly string[]): Line[] {
  if (a.length * b.length > MOST_CELLS) return [...a.map((line): Line => ['-', line]), ...b.map((line): Line => ['+', line])];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      longest[at] = a[i] === b[j] ? (longest[at + width + 1] ?? 0) + 1 : Math.max(longest[at + width] ?? 0, longest[at + 1] ?? 0);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x !== undefined && x === y) {
      lines.push([' ', x]);
      i++;
      j++;
    } else if (x !== undefined && (y === undefined || (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))) {
      lines.push(['-', x]);
      i++;
    } else if (y !== undefined) {
      lines.push(['+', y]);
      j++;
    }
  }
  return lines;
}
