import type { Rollout } from '../api/types.ts';
import { declaredKey, KINDS, titleOf, type Wish } from '../model/kinds.ts';
import type { Change, Revision } from '../model/revision.ts';
import { documentOf } from '../model/schemas.ts';
import type { Paint } from './io.ts';
import { table } from './layout.ts';
import { objectDiff } from './object-diff.ts';
import { withProvider } from './object-name.ts';
import { rejections } from './outcome.ts';
import { count, duration, part, printable } from './words.ts';

type Told = Revision & { readonly rollout: Rollout };

interface View {
  readonly width: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly paint: Paint;
}

/** As many objects of a revision are named in a list. */
const MOST_NAMED = 3;

/** One line for each revision, the newest first: who, when, what, and how far it came. */
export function renderHistory(revisions: readonly Told[], next: number | null, { width, now, paint }: View): string {
  if (revisions.length === 0) return 'No revisions yet: envoyage apply -f FILE makes the first\n';
  const rows = revisions.map((each) => [
    String(each.number),
    `${duration(Math.max(0, now - Date.parse(each.time)))} ago`,
    printable(each.author),
    printable(what(each)),
    reached(each.rollout),
  ]);
  const lines = table(['REVISION', 'WHEN', 'WHO', 'WHAT', 'ENVOYS'], rows, width, (text, row, column) => {
    const state = revisions[row]?.rollout.state;
    if (row < 0) return paint('bold', text);
    if (column !== 4 || state === undefined) return text;
    return state === 'rejected' ? paint('red', text) : state === 'pending' ? paint('yellow', text) : text;
  });
  if (next !== null) lines.push('', `older ones: envoyage history --before ${next}`);
  return `${lines.join('\n')}\n`;
}

/** All of one revision: what it changed as a diff, and what Envoys made of it. */
export function renderRevision(told: Told, { width, now, paint }: View): string {
  const { number, time, author, changes, rollout } = told;
  const head = [
    paint('bold', `revision ${number}`),
    `  when    ${time} (${duration(Math.max(0, now - Date.parse(time)))} ago)`,
    `  who     ${printable(author)}`,
    `  what    ${count(changes.length, 'object')}: ${sums(changes)}`,
    `  Envoys  ${reached(rollout)}`,
    ...rejections(rollout.rejected, width),
  ];
  return `${head.join('\n')}\n\n${objectDiff(changes.map(asResult), paint)}`;
}

function asResult({ id, before, after }: Change) {
  const kind = KINDS.find((each) => each !== 'Service' && id.startsWith(declaredKey(each, ''))) ?? 'Service';
  const name = kind === 'Service' ? id : id.slice(kind.length + 1);
  const document = (wish: Wish) => documentOf(wish) as { readonly kind: string; readonly name: string };
  return { kind, name, ...(before === null ? {} : { before: document(before) }), ...(after === null ? {} : { after: document(after) }) };
}

function what({ changes, provider }: Revision): string {
  if (changes.length > MOST_NAMED) return `${count(changes.length, 'object')}: ${sums(changes)}`;
  return changes.map((change) => `${titleOf(withProvider(change.id, provider))} ${verb(change)}`).join(', ');
}

function verb({ before, after }: Change): 'created' | 'changed' | 'deleted' {
  return before === null ? 'created' : after === null ? 'deleted' : 'changed';
}

function sums(changes: readonly Change[]): string {
  return (['created', 'changed', 'deleted'] as const)
    .map((each) => [changes.filter((change) => verb(change) === each).length, each] as const)
    .filter(([n]) => n > 0)
    .map(([n, each]) => `${n.toLocaleString('en-US')} ${each}`)
    .join(', ');
}

function reached({ state, acked, nodes }: Rollout): string {
  switch (state) {
    case 'live':
      return `live on ${part(acked, nodes, 'Envoy')}`;
    case 'rejected':
      return `rejected by ${count(nodes - acked, 'Envoy')}, on ${acked} of ${nodes}`;
    case 'pending':
      return `on ${part(acked, nodes, 'Envoy')} so far`;
    case 'no-envoys':
      return 'for no Envoy that is connected';
    default:
      return printable(String(state));
  }
}
