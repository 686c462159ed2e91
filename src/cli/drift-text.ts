import type { Dump } from '../api/types.ts';
import type { Deviation, Drift } from './drift.ts';
import { wrap } from './layout.ts';
import { count, printable } from './words.ts';

const WHAT = { missing: 'is missing', extra: 'should not be there', differs: 'differs' } as const;

/** For people: what an Envoy does not hold as it should, or that it does. */
export function driftText({ node = '', group, revision, connected }: Dump, { deviations, compared, skipped }: Drift, width: number): string {
  const who = printable(`${node} (group ${group})`);
  const hidden = Object.entries(skipped).map(([type, n]) => `${n} ${type.slice(type.lastIndexOf('.') + 1)}`);
  const lines = [
    deviations.length === 0
      ? `${who} holds what revision ${revision} says: ${count(compared, 'resource')} compared`
      : `${who} does not hold what revision ${revision} says: ${count(deviations.length, 'difference')}`,
    ...deviations.flatMap((each) => entry(each)),
    ...(connected ? [] : ['It is not connected, so nothing reaches it.']),
    ...(hidden.length === 0 ? [] : [`Not compared, since the admin port does not show it: ${hidden.join(', ')}`]),
  ];
  return lines.flatMap((line) => indented(line, width)).join('');
}

function entry({ type, name, what, fields = [], note }: Deviation): string[] {
  const where = fields.filter((field) => field !== '').join(', ');
  return [`  ${type} ${name} ${WHAT[what]}${where === '' ? '' : `: ${where}`}`, ...(note === undefined ? [] : [`    ${note}`])];
}

function indented(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrap(line, width - indent.length - 2).map((part, i) => `${i === 0 ? indent : `${indent}  `}${part}\n`);
}
