import { describe, expect, it } from 'vitest';
import { table, wrap } from './layout.ts';
import { count, duration, enumerate, part } from './words.ts';

describe('wrap', () => {
  it.each<[string, number, string[]]>([
    ['one two three', 7, ['one two', 'three']],
    ['one', 7, ['one']],
    ['', 7, ['']],
    ['a-very-long-word after', 6, ['a-very', '-long-', 'word', 'after']],
    ['first\nsecond line', 20, ['first', 'second line']],
    ['unbroken text', Number.POSITIVE_INFINITY, ['unbroken text']],
  ])('%j in %d', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });
});

describe('table', () => {
  const header = ['HOST', 'ENDPOINTS'];

  it('lines up, without blanks at the ends', () => {
    expect(
      table(
        header,
        [
          ['a.example.com', 'a:1'],
          ['b', 'b:1, b:2'],
        ],
        80,
      ),
    ).toEqual(['  HOST           ENDPOINTS', '  a.example.com  a:1', '  b              b:1, b:2']);
  });

  it('stays within its width, and cuts nothing off', () => {
    const long = `${'x'.repeat(60)}.example.com`;
    const lines = table(header, [[long, 'aaaaaaaa:1, bbbbbbbb:1, cccccccc:1, dddddddd:1']], 60);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    expect(
      lines
        .slice(1)
        .map((line) => line.slice(2, 32).trim())
        .join(''),
    ).toBe(long);
  });

  it('pads before it paints', () => {
    const lines = table(['A', 'B'], [['x', 'y']], 80, (text, row) => (row < 0 ? text : `<${text}>`));
    expect(lines).toEqual(['  A  B', '  <x>  <y>']);
  });
});

describe('words', () => {
  it.each([
    [0.4, '0 ms'],
    [14.2, '14 ms'],
    [999.6, '1 s'],
    [1340, '1.3 s'],
    [12_400, '12 s'],
    [59_900, '60 s'],
    [61_000, '1 min'],
    [3 * 3600_000, '3 h'],
    [49 * 3600_000, '2 d'],
  ])('duration(%d) is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('counts and enumerates', () => {
    expect([count(1, 'Envoy'), count(10_000, 'Envoy'), part(1, 1, 'Envoy'), part(0, 2, 'Envoy')]).toEqual([
      '1 Envoy',
      '10,000 Envoys',
      '1 of 1 Envoy',
      '0 of 2 Envoys',
    ]);
    expect([enumerate(['a']), enumerate(['a', 'b']), enumerate(['a', 'b', 'c']), enumerate(['a', 'b', 'c', 'd']), enumerate(['a'], 20)]).toEqual([
      'a',
      'a and b',
      'a, b and c',
      'a, b, c and 1 more',
      'a and 19 more',
    ]);
  });
});
