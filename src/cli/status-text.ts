import type { CertificateStatus, DaemonInfo, Node, NodeList, ProviderList, RefusedClient, SafetyState } from '../api/types.ts';
import { isGrpcAgent } from '../model/agent.ts';
import { describeEndpoint } from '../model/endpoint.ts';
import type { StoredService } from '../model/service.ts';
import type { Paint } from './io.ts';
import { table, wrap } from './layout.ts';
import { withProvider } from './object-name.ts';
import { problems } from './problems-text.ts';
import { providerLines } from './provider-text.ts';
import { count, duration, enumerate, printable } from './words.ts';

export interface Status {
  readonly server: string;
  readonly daemon: DaemonInfo;
  readonly services: readonly StoredService[];
  readonly nodes: readonly Node[];
  readonly moved: NodeList['moved'];
  readonly refused: readonly RefusedClient[];
  readonly safety: SafetyState;
  readonly certificates: readonly CertificateStatus[];
  readonly providers: ProviderList['providers'];
  /** How many there are. */
  readonly overrides: number;
  readonly revision: number;
}

export interface StatusView {
  /** List everything, however much there is. */
  readonly all: boolean;
  readonly width: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly paint: Paint;
}

/** More than this are summarised. */
const MOST = 20;
const NEWEST = 5;

export function renderStatus(status: Status, view: StatusView): string {
  const { daemon, server, revision } = status;
  const head = `Envoyage ${daemon.version} at ${server}, up ${ago(daemon.startedAt, view)}, revision ${revision}`;
  const found = problems(status.safety, view, status.certificates);
  const faults = found.length === 0 ? [] : ['', ...found];
  const sources = providerLines(status, view);
  return `${[head, '', ...services(status, view), ...(sources.length === 0 ? [] : ['', ...sources]), '', ...envoys(status, view), ...faults, ...refusals(status, view)].join('\n')}\n`;
}

function services({ services: all }: Status, view: StatusView): string[] {
  if (all.length === 0) return ['No services yet: envoyage add web.example.com web-a:5678'];
  const title = view.paint('bold', count(all.length, 'service'));
  if (view.all || all.length <= MOST) return [title, ...serviceTable(all, view)];
  const newest = all.toSorted((a, b) => b.revision - a.revision).slice(0, NEWEST);
  return [`${title}, the ${NEWEST} changed last (--all lists every one):`, ...serviceTable(newest, view)];
}

function serviceTable(shown: readonly StoredService[], view: StatusView): string[] {
  const named = shown.some(({ id, host, provider }) => id !== host || provider !== undefined);
  const grouped = shown.some(({ groups }) => groups !== undefined);
  const header = ['HOST', ...(named ? ['ID'] : []), 'ENDPOINTS', ...(grouped ? ['GROUPS'] : []), 'CHANGED'];
  const rows = shown.map(({ id, host, endpoints, groups, updatedAt, provider }) => [
    host ?? '(by routes)',
    ...(named ? [id === host && provider === undefined ? '' : withProvider(id, provider)] : []),
    enumerateAll(endpoints.map(describeEndpoint)),
    ...(grouped ? [groups === undefined ? 'all' : groups.join(', ')] : []),
    `${ago(updatedAt, view)} ago`,
  ]);
  return table(header, rows, view.width, (text, row) => (row < 0 ? view.paint('dim', text) : text));
}

/** A service with a hundred endpoints is not to fill the screen; `--json` has them all. */
function enumerateAll(endpoints: readonly string[]): string {
  return endpoints.length <= 4 ? endpoints.join(', ') : enumerate(endpoints, endpoints.length, 3);
}

const STATES = ['rejected', 'behind', 'gone', 'in-sync'] as const;
const STATE_NAMES = { 'in-sync': 'in sync', behind: 'behind', rejected: 'rejected', gone: 'gone' } as const;
const STATE_STYLES = { 'in-sync': 'green', behind: 'yellow', rejected: 'red', gone: 'dim' } as const;

function envoys(status: Status, view: StatusView): string[] {
  const { nodes, revision, moved } = status;
  const seen = new Set(nodes.map(({ id }) => id));
  const unseen = moved.filter(({ node }) => !seen.has(node)).map(({ node, group }) => printable(`${node} to ${group}`));
  const awaited = unseen.length === 0 ? [] : ['', `Moved, and not seen since the start: ${enumerate(unseen)}`];
  return [...connected(nodes, revision, view), ...awaited];
}

function connected(nodes: readonly Node[], revision: number, view: StatusView): string[] {
  if (nodes.length === 0) return ['No Envoy has connected yet: envoyage bootstrap shows how to join one'];
  const byState = new Map(STATES.map((state) => [state, nodes.filter((node) => node.state === state)]));
  const sums = [...byState]
    .filter(([, some]) => some.length > 0)
    .map(([state, some]) => view.paint(STATE_STYLES[state], `${some.length} ${STATE_NAMES[state]}`));
  const ordered = [...byState.values()].flat();
  const shown = view.all ? ordered : ordered.slice(0, MOST);
  const more = ordered.length - shown.length;
  const clients = nodes.filter(({ agent }) => isGrpcAgent(agent)).length;
  const kinds = [...(nodes.length > clients ? [count(nodes.length - clients, 'Envoy')] : []), ...(clients > 0 ? [count(clients, 'gRPC client')] : [])];
  return [
    `${view.paint('bold', kinds.join(' and '))}: ${sums.join(', ')}`,
    ...nodeTable(shown, revision, view),
    ...(more > 0 ? [`  and ${count(more, clients > 0 ? 'more node' : 'more Envoy')} (--all lists every one)`] : []),
    ...shown.flatMap((node) => rejections(node, view)),
  ];
}

function nodeTable(nodes: readonly Node[], revision: number, view: StatusView): string[] {
  const rows = nodes.map((node) => [node.id, groupText(node), node.agent.replace(/^envoy /, ''), stateText(node, revision, view)]);
  return table([nodes.some(({ agent }) => isGrpcAgent(agent)) ? 'NODE' : 'ENVOY', 'GROUP', 'VERSION', 'STATE'], rows, view.width, (text, row, column) => {
    const node = nodes[row];
    if (row < 0 || node === undefined) return view.paint('dim', text);
    return column === 3 ? view.paint(STATE_STYLES[node.state], text) : text;
  });
}

/** An Envoy that was moved is not in the group that its bootstrap says; who wonders why reads it here. */
function groupText({ group, placement }: Node): string {
  return placement.from === 'move' ? `${group} (moved)` : group;
}

function stateText(node: Node, revision: number, view: StatusView): string {
  switch (node.state) {
    case 'in-sync':
      return 'in sync';
    case 'behind':
      return node.revision === 0 ? 'behind: has not acknowledged anything yet' : `behind: at revision ${node.revision} of ${revision}`;
    case 'rejected':
      return `rejected ${enumerate(node.types.filter(({ rejection }) => rejection !== undefined).map(({ type }) => type))}, holds ${node.revision === 0 ? 'nothing yet' : `revision ${node.revision}`}`;
    case 'gone':
      return node.lastAnswerAt === null ? 'gone' : `gone, last heard of ${ago(node.lastAnswerAt, view)} ago`;
  }
}

/** Envoy's own words, in full. */
function rejections({ id, types }: Node, { width, paint }: StatusView): string[] {
  return types.flatMap(({ type, rejection }) => {
    if (rejection === undefined) return [];
    return ['', paint('red', `${printable(id)} rejected ${type}:`), ...wrap(rejection.message, width - 2).map((line) => `  ${line}`)];
  });
}

/** Who is missing above because it was not let in. */
function refusals({ refused }: Status, view: StatusView): string[] {
  if (refused.length === 0) return [];
  const shown = view.all ? refused : refused.slice(0, NEWEST);
  const more = refused.length - shown.length;
  return [
    '',
    view.paint('red', 'Turned away lately:'),
    ...shown.flatMap(({ address, reason, count: times, at }) => {
      const often = times === 1 ? '' : `, ${times} times`;
      return wrap(`${printable(address)}, ${ago(at, view)} ago${often}: ${reason}`, view.width - 2).map((line, i) => (i === 0 ? `  ${line}` : `    ${line}`));
    }),
    ...(more > 0 ? [`  and ${more} more (--all lists every one)`] : []),
  ];
}

function ago(time: string, { now }: StatusView): string {
  return duration(Math.max(1000, now - Date.parse(time)));
}
