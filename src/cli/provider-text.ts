import type { ProviderDetail, ProviderList } from '../api/types.ts';
import { titleOf } from '../model/kinds.ts';
import type { ProviderProblem, ProviderStatus } from '../model/provider-status.ts';
import type { Paint } from './io.ts';
import { table, wrap } from './layout.ts';
import { bareName } from './object-name.ts';
import { count, duration, enumerate, printable } from './words.ts';

export interface ProviderView {
  /** List everything, however much there is. */
  readonly all: boolean;
  readonly width: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly paint: Paint;
}

/** More problems than this are summarised, and more objects. */
const MOST = 20;

const STYLES = { starting: 'yellow', ok: 'green', degraded: 'yellow', down: 'red', paused: 'yellow' } as const;

const NONE = 'No providers: envoyage serve --docker has services appear by the labels of containers';

/** One line for each, then what is the matter with those that are not well. */
export function renderProviders({ providers }: ProviderList, view: ProviderView): string {
  if (providers.length === 0) return `${NONE}\n`;
  const rows = providers.map((each) => [
    printable(each.name),
    each.state,
    objectCount(each).toLocaleString('en-US'),
    each.problemCount === 0 ? 'none' : each.problemCount.toLocaleString('en-US'),
    each.syncedAt === undefined ? 'never' : `${ago(each.syncedAt, view)} ago`,
    printable(each.source),
  ]);
  const lines = table(['PROVIDER', 'STATE', 'OBJECTS', 'PROBLEMS', 'LAST SYNC', 'SOURCE'], rows, view.width, (text, row, column) => {
    const provider = providers[row];
    if (row < 0 || provider === undefined) return view.paint('dim', text);
    return column === 1 ? view.paint(STYLES[provider.state], text) : text;
  });
  const unwell = providers.flatMap((each) => matters(each, view));
  return `${[...lines, ...(unwell.length === 0 ? [] : ['', ...unwell])].join('\n')}\n`;
}

/** Of `envoyage status`: one line where all is well, else one for each that is not. Nothing where there are none. */
export function providerLines({ providers, overrides }: Omit<ProviderList, 'revision'>, view: ProviderView): string[] {
  const laid = overrides === 0 ? [] : [`${count(overrides, 'override')} (envoyage override lists ${overrides === 1 ? 'it' : 'them'})`];
  if (providers.length === 0) return laid;
  const sums = (['down', 'degraded', 'paused', 'starting', 'ok'] as const).flatMap((state) => {
    const n = providers.filter((each) => each.state === state).length;
    return n === 0 ? [] : [view.paint(STYLES[state], `${n} ${state}`)];
  });
  const objects = providers.reduce((sum, each) => sum + objectCount(each), 0);
  const head = `${view.paint('bold', count(providers.length, 'provider'))}: ${sums.join(', ')}, ${count(objects, 'object')}`;
  return [head, ...providers.flatMap((each) => matters(each, view)), ...laid];
}

/** All that is known of one. */
export function renderProvider({ provider, keys }: ProviderDetail, view: ProviderView): string {
  const { name, source, state, since, syncedAt, revision, counts, paused, parts = [], problems, problemCount } = provider;
  const reason = reasonOf(provider);
  const facts: [string, string][] = [
    ['state', `${state} for ${ago(since, view)}${reason === undefined ? '' : `: ${reason}`}`],
    ...(paused === undefined ? [] : [['paused', `by ${paused.by}, ${ago(paused.at, view)} ago`] satisfies [string, string]]),
    ['source', source],
    [
      'last sync',
      syncedAt === undefined ? 'never' : `${ago(syncedAt, view)} ago${revision === undefined ? '' : `; what it changed last is revision ${revision}`}`,
    ],
    ['objects', objectsText(provider)],
    ['so far', `published ${count(counts.published, 'time')}, changed something ${count(counts.changed, 'time')}, failed ${count(counts.failed, 'time')}`],
    ...parts.map((part): [string, string] => [part.name, `${part.state}${part.message === undefined ? '' : `: ${part.message}`}`]),
  ];
  const label = Math.min(24, Math.max(...facts.map(([word]) => word.length))) + 2;
  const head = [
    view.paint('bold', printable(name)),
    ...facts.flatMap(([word, text]) => wrap(text, view.width - label - 2).map((line, i) => `  ${(i === 0 ? printable(word) : '').padEnd(label)}${line}`)),
  ];
  const shown = view.all ? problems : problems.slice(0, MOST);
  const more = problemCount - shown.length;
  const wrong = shown.length === 0 ? [] : ['', view.paint('red', `${count(problemCount, 'problem')}:`), ...shown.flatMap((each) => problemLines(each, view))];
  const rest = more > 0 ? [`  and ${count(more, 'more problem')} (--all lists every one)`] : [];
  return `${[...head, ...wrong, ...rest, ...objectLines(keys, objectCount(provider), view)].join('\n')}\n`;
}

/** As a compiler has it: where, what, and how to mend it. */
function problemLines({ object, origin, message, hint }: ProviderProblem, { width }: ProviderView): string[] {
  const where = [origin, object].filter((each) => each !== undefined).join(', ');
  // Where the object is named, the message need not begin with it.
  const title = object === undefined ? '' : `${titleOf(bareName(object))}: `;
  const said = message.startsWith(title) ? message.slice(title.length) : message;
  const text = where === '' ? said : `${where}: ${said}`;
  return [
    ...wrap(text, width - 4).map((line, i) => `${i === 0 ? '  ' : '    '}${line}`),
    ...(hint === undefined ? [] : wrap(`hint: ${hint}`, width - 4).map((line) => `    ${line}`)),
  ];
}

function objectLines(keys: readonly string[], total: number, { all, width, paint }: ProviderView): string[] {
  if (keys.length === 0) return [];
  const shown = all ? keys : keys.slice(0, MOST);
  const more = Math.max(total, keys.length) - shown.length;
  return [
    '',
    paint('bold', `${count(Math.max(total, keys.length), 'object')}:`),
    ...shown.flatMap((key) => wrap(titleOf(key), width - 2).map((line) => `  ${line}`)),
    ...(more > 0 ? [`  and ${count(more, 'more object')} (--all lists every one)`] : []),
  ];
}

/** What is the matter with one that is not well. */
function matters(provider: ProviderStatus, { width, paint }: ProviderView): string[] {
  const { name, state, problemCount, paused } = provider;
  const reason = reasonOf(provider);
  const why = [
    ...(state === 'paused' && paused !== undefined ? [`by ${paused.by}; envoyage providers resume ${name} goes on`] : []),
    ...(reason === undefined ? [] : [reason]),
    ...(problemCount === 0 ? [] : [`${count(problemCount, 'problem')} (envoyage providers ${name} shows ${problemCount === 1 ? 'it' : 'them'})`]),
  ];
  if (state === 'ok' && why.length === 0) return [];
  const text = `${name} is ${state}${why.length === 0 ? '' : `: ${why.join('; ')}`}`;
  return wrap(text, width - 4).map((line, i) => `${i === 0 ? '  ' : '    '}${paint(STYLES[state], line)}`);
}

/** What its message says beyond what is told of it anyway: who paused it, and how many problems it has. */
export function reasonOf({ state, message, problemCount }: Pick<ProviderStatus, 'state' | 'message' | 'problemCount'>): string | undefined {
  if (state === 'paused' || (problemCount > 0 && message?.startsWith(count(problemCount, 'problem')) === true)) return undefined;
  return message;
}

function objectCount({ objects }: ProviderStatus): number {
  return Object.values(objects).reduce((sum, n) => sum + n, 0);
}

/** `12: 10 services, 2 routes` */
export function objectsText(status: ProviderStatus): string {
  const kinds = Object.entries(status.objects).map(([kind, n]) => count(n, kind.toLowerCase()));
  return kinds.length === 0 ? 'none' : enumerate(kinds, kinds.length, kinds.length);
}

function ago(time: string, { now }: ProviderView): string {
  return duration(Math.max(1000, now - Date.parse(time)));
}
