import type { ExplainAnswer } from '../api/types.ts';
import type { Paint } from './io.ts';
import { table, wrap } from './layout.ts';
import { withProvider } from './object-name.ts';
import { enumerate } from './words.ts';

export interface ExplainView {
  /** List every match that was not met, however many there are. */
  readonly all: boolean;
  readonly width: number;
  readonly paint: Paint;
}

/** More than this are summarised. */
const MOST = 20;
const INDENT = '  ';

/** What a request meets, for people; nothing is wider than the view. */
export function renderExplanation(answer: ExplainAnswer, view: ExplainView): string {
  const { request, group, envoy } = answer;
  const version = envoy === null ? '' : `, as Envoy ${envoy} has it`;
  const head = `${request.method} ${request.scheme}://${request.host}${request.path} in group ${group}${version}`;
  const lines = [
    ...wrap(head, view.width),
    '',
    ...wrap(sentence(answer), view.width).map((line) => view.paint('bold', line)),
    '',
    ...facts(answer, view),
    ...others(answer, view),
  ];
  return `${lines.join('\n')}\n`;
}

function sentence({ outcome, because = '', status, location, services, route }: ExplainAnswer): string {
  switch (outcome) {
    case 'services': {
      const reached = services.filter(({ share }) => share > 0);
      const names = reached.map(({ id, provider }) => withProvider(id, provider));
      const parts = reached.map(({ share }, i) => (reached.length === 1 ? `${names[i]}` : `${names[i]} (${percent(share)})`));
      return `It goes to ${reached.length === 1 ? 'service' : 'one of'} ${enumerate(parts, parts.length, 8)}${route === null ? ', whose host it is' : ''}.`;
    }
    case 'redirect':
      return `Envoy answers ${status}: go to ${location ?? ''}`;
    case 'respond':
      return `Envoy answers ${status} itself.`;
    default:
      return `${status === undefined ? 'Nobody answers' : `Envoy answers ${status}`}: ${because}.`;
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function facts({ listener, host, route, rewrite, services, missing, body }: ExplainAnswer, { width }: ExplainView): string[] {
  const rows: [string, string][] = [];
  if (listener !== null) rows.push(['listener', `${listener.name} (${listener.address})${listener.note === undefined ? '' : `; ${listener.note}`}`]);
  if (host !== null) rows.push(['host', host]);
  if (route !== null)
    rows.push(['route', `${withProvider(route.name, route.provider)}, match ${route.match}${route.origin === undefined ? '' : ` (${route.origin})`}`]);
  if (rewrite?.path !== undefined) rows.push(['sent path', rewrite.path]);
  if (rewrite?.host !== undefined) rows.push(['sent host', rewrite.host]);
  for (const { id, provider, share, endpoints } of services)
    rows.push(['service', `${withProvider(id, provider)}, ${percent(share)}: ${enumerate(endpoints, endpoints.length, 8)}`]);
  if (missing.length > 0) rows.push(['not here', `${enumerate(missing, missing.length, 8)}: this group does not have it`]);
  if (body !== undefined) rows.push(['body', JSON.stringify(body.length > 200 ? `${body.slice(0, 200)}…` : body)]);
  const label = Math.max(0, ...rows.map(([name]) => name.length)) + INDENT.length;
  return rows.flatMap(([name, text]) => wrap(text, width - label - INDENT.length).map((line, i) => `${INDENT}${(i === 0 ? name : '').padEnd(label)}${line}`));
}

function others({ others: all }: ExplainAnswer, { all: every, width, paint }: ExplainView): string[] {
  if (all.length === 0) return [];
  const shown = every ? all : all.slice(0, MOST);
  const rows = shown.map(({ route, match, because }) => [route, String(match), because]);
  const more = all.length - shown.length;
  return [
    '',
    'Not met, in the order in which they are asked:',
    ...table(['ROUTE', 'MATCH', 'WHY'], rows, width, (text, row) => (row < 0 ? paint('dim', text) : text)),
    ...(more > 0 ? [`${INDENT}and ${more.toLocaleString('en-US')} more (--all lists every one)`] : []),
  ];
}
