import type { ObjectResult } from '../api/types.ts';
import type { Io, Paint } from './io.ts';
import { painter } from './io.ts';
import { count, printable } from './words.ts';

/** As many lines of objects are shown; --json has all. */
const MOST = 50;

const STYLES = { created: 'green', changed: 'yellow', deleted: 'red' } as const;

/** One line for each object that is not as it was: `created  Service web`. */
export function writeResults(io: Io, objects: readonly ObjectResult[]): void {
  const paint: Paint = painter(io.stdout, io.env);
  const news = objects.filter(({ result }) => result !== 'unchanged');
  for (const { kind, name, result } of news.slice(0, MOST)) {
    const word = result.padEnd(7);
    io.stdout.write(`${result === 'unchanged' ? word : paint(STYLES[result], word)}  ${kind} ${printable(name)}\n`);
  }
  if (news.length > MOST) io.stdout.write(`and ${count(news.length - MOST, 'more object')}; --json lists all\n`);
}

/** `2 created, 1 changed, 3 unchanged`; `nothing to change: 3 unchanged` where that is all. */
export function describeResults(objects: readonly ObjectResult[]): string {
  const parts = (['created', 'changed', 'deleted', 'unchanged'] as const).flatMap((result) => {
    const n = objects.filter((each) => each.result === result).length;
    return n === 0 ? [] : [`${n.toLocaleString('en-US')} ${result}`];
  });
  if (objects.some(({ result }) => result !== 'unchanged')) return parts.join(', ');
  return ['nothing to change', ...parts].join(': ');
}
