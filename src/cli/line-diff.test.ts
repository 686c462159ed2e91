import { describe, expect, it } from 'vitest';
import { Random } from '../../tests/support/random.ts';
import { lineDiff } from './line-diff.ts';

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

describe('lineDiff', () => {
  it('shows what goes and what comes, with three lines around it', () => {
    const before = text('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    expect(lineDiff(before, before.replace('e\n', 'x\ny\n'))).toEqual(['@@ -2,7 +2,8 @@', ' b', ' c', ' d', '-e', '+x', '+y', ' f', ' g', ' h']);
  });

  it('has nothing to say of what is equal, and all of what is new or gone', () => {
    expect(lineDiff(text('a'), text('a'))).toEqual([]);
    expect(lineDiff('', text('a', 'b'))).toEqual(['@@ -0,0 +1,2 @@', '+a', '+b']);
    expect(lineDiff(text('a', 'b'), '')).toEqual(['@@ -1,2 +0,0 @@', '-a', '-b']);
  });

  it('makes a hunk of its own where changes are far apart', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    const hunks = lineDiff(text(...lines), text(...lines.with(2, 'x').with(25, 'y')));
    expect(hunks.filter((line) => line.startsWith('@@'))).toEqual(['@@ -1,6 +1,6 @@', '@@ -23,7 +23,7 @@']);
    expect(lineDiff(text(...lines), text(...lines.with(2, 'x').with(9, 'y'))).filter((line) => line.startsWith('@@'))).toEqual(['@@ -1,13 +1,13 @@']);
  });

  it('says no more than it has to of a large text, and never takes long', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    expect(lineDiff(text(...lines), text(...lines.with(4000, 'x'))).filter((line) => /^[+-]/.test(line))).toEqual(['-line 4000', '+x']);
    const other = lines.map((line) => `other ${line}`);
    expect(lineDiff(text(...lines), text(...other)).filter((line) => /^[+-]/.test(line))).toHaveLength(10_000);
  });

  it('leads from the one text to the other, for texts of any kind', () => {
    const random = new Random(7);
    const lines = (): string[] => Array.from({ length: random.below(40) }, () => `line ${random.below(6)}`);
    for (let i = 0; i < 300; i++) {
      const [before, after] = [lines(), lines()];
      expect(patched(before, lineDiff(text(...before), text(...after)))).toEqual(after);
    }
  });
});

/** As patch(1) does it, without its leniency. */
function patched(lines: readonly string[], hunks: readonly string[]): string[] {
  const result: string[] = [];
  let at = 0;
  for (const line of hunks) {
    const [, start = '', length = ''] = /^@@ -(\d+),(\d+) /.exec(line) ?? [];
    if (start !== '') {
      const from = Number(start) - (length === '0' ? 0 : 1);
      result.push(...lines.slice(at, from));
      at = from;
      continue;
    }
    if (line.startsWith('+')) result.push(line.slice(1));
    else {
      expect(lines[at]).toBe(line.slice(1));
      if (line.startsWith(' ')) result.push(line.slice(1));
      at++;
    }
  }
  return [...result, ...lines.slice(at)];
}
