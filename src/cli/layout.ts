import { printable } from './words.ts';

/** Text without control characters, broken at spaces so that no line is longer than `width`; what has no space is broken where it must be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of printable(text).split('\n')) {
    let line = '';
    for (let word of paragraph.split(' ').filter((w) => w !== '')) {
      while (word.length > width) {
        if (line !== '') lines.push(line);
        line = '';
        lines.push(word.slice(0, width));
        word = word.slice(width);
      }
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    if (line !== '') lines.push(line);
  }
  return lines.length === 0 ? [''] : lines;
}

const GAP = 2;

/**
 * A table of `width` columns at most, indented by two. Columns are as wide as what is in them; where that is too much,
 * the widest give way and their cells are wrapped, so nothing is cut off.
 * @param paint what a line of a cell looks like once it is laid out; padding and wrapping do not count its escapes
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string[] {
  const all = [header, ...rows];
  const widths = fit(
    header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))),
    header.map((title) => title.length),
    width - GAP * header.length,
  );
  return all.flatMap((row, index) => {
    const cells = widths.map((w, column) => wrap(row[column] ?? '', w));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => {
      const last = cells.findLastIndex((lines) => (lines[line] ?? '') !== '');
      const texts = cells.slice(0, last + 1).map((lines, column) => {
        const text = lines[line] ?? '';
        return paint(text, index - 1, column) + ' '.repeat(column === last ? 0 : (widths[column] ?? 0) - text.length);
      });
      return ' '.repeat(GAP) + texts.join(' '.repeat(GAP));
    });
  });
}

/** Takes from the widest column until all fit, none below its title's width or 8. */
function fit(wanted: number[], titles: readonly number[], available: number): number[] {
  const widths = [...wanted];
  const least = titles.map((title, i) => Math.min(widths[i] ?? 0, Math.max(title, 8)));
  for (let excess = widths.reduce((sum, w) => sum + w, 0) - available; excess > 0; excess--) {
    const shrinkable = widths.map((w, i) => (w > (least[i] ?? 0) ? w : -1));
    const widest = shrinkable.indexOf(Math.max(...shrinkable));
    if ((shrinkable[widest] ?? -1) < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
