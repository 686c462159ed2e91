import type { ObjectDocument, ObjectResult } from '../api/types.ts';
import type { Paint } from './io.ts';
import { lineDiff } from './line-diff.ts';
import { printable } from './words.ts';
import { toYaml } from './yaml-text.ts';

/** What became of the objects as a unified diff of their YAML, a file of its own for each. */
export function objectDiff(objects: readonly Pick<ObjectResult, 'kind' | 'name' | 'before' | 'after'>[], paint: Paint): string {
  const lines = objects.flatMap(({ kind, name, before, after }) => {
    const hunks = lineDiff(text(before), text(after));
    if (hunks.length === 0) return [];
    const path = `${kind}/${name}`;
    const head = [`--- ${before === undefined ? '/dev/null' : path}`, `+++ ${after === undefined ? '/dev/null' : path}`];
    return [...head.map((line) => paint('bold', printable(line))), ...hunks.map((line) => painted(printable(line), paint))];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function text(document: ObjectDocument | undefined): string {
  return document === undefined ? '' : toYaml(document);
}

function painted(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint('green', line);
  if (line.startsWith('-')) return paint('red', line);
  return line.startsWith('@@') ? paint('dim', line) : line;
}
