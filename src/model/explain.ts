import { parseHostPort } from '../lib/address.ts';
import type { Bookkeeping } from './common.ts';
import { describeEndpoint } from './endpoint.ts';
import { type EnvoyBehaviour, NEWEST_ENVOY } from './envoy-behaviour.ts';
import type { ExplainedService, Explanation } from './explanation.ts';
import { isDeclared, type Stored, type Wish } from './kinds.ts';
import type { Listener } from './listener.ts';
import { failedCondition } from './match-request.ts';
import { redirectLocation, rewrittenPath } from './rewritten.ts';
import type { Route } from './route.ts';
import { type Candidate, inOrder, reasonOfOrder } from './route-order.ts';
import { type Resolve, resolvedTargets } from './route-targets.ts';
import { type SeenRequest, type SentRequest, seenByEnvoy } from './seen-request.ts';
import { type Service, servedBy } from './service.ts';

export interface Situation {
  /** Of any group; those of others are passed over. */
  readonly objects: Iterable<Wish | Stored>;
  readonly group: string;
  /** What the group listens on unless a listener of that name is declared. */
  readonly builtIn: Listener;
  readonly envoy?: EnvoyBehaviour;
}

/** Says what an Envoy of the group makes of a request. Pure; agrees with real Envoys (tests/integration/explain.test.ts). */
export function explain({ objects, group, builtIn, envoy = NEWEST_ENVOY }: Situation, sent: SentRequest): Explanation {
  const { services, routes, listeners, certificates } = sorted(objects, group);
  const seen = seenByEnvoy(sent, envoy);
  const isRefused = typeof seen === 'string';
  const request = isRefused ? { ...sent, host: sent.host.toLowerCase() } : { ...seen, path: `${seen.path}${seen.query}` };
  const shown = { method: request.method, scheme: request.scheme, host: request.host, path: request.path };
  const base = { group, request: shown, listener: null, host: null, route: null, services: [], missing: [], others: [] };

  const open = [...new Map([builtIn, ...listeners].map((each) => [each.name, each])).values()].filter((each) => opens(each, certificates));
  const listener = listenerFor(sent, open);
  if (listener === undefined) return { ...base, outcome: 'no-listener', because: `no listener of this group takes ${sent.scheme}` };
  const at = { ...base, listener: listener.shown };
  if (isRefused) return { ...at, outcome: 'refused', status: 400, because: seen };
  if (listener.wish.redirectToHttps !== undefined && listener.wish.redirectToHttps !== false) return toHttps(at, seen, listener.wish.redirectToHttps);

  const here = routes.filter((route) => route.listeners === undefined || route.listeners.includes(listener.wish.name));
  const host = foundHost(seen.host, new Set([...here.flatMap(({ hosts }) => hosts), ...[...services.values()].flatMap(({ host: own }) => own ?? [])]));
  if (host === undefined) return { ...at, outcome: 'no-host', status: 404, because: `nobody has the host ${seen.host}, nor a wildcard above it` };
  const fallback = [...services.values()].find((service) => service.host === host);
  const candidates = inOrder(here.filter(({ hosts }) => hosts.includes(host)));
  return met({ ...at, host }, candidates, fallback, seen, (id) => services.get(id), envoy);
}

function met(
  at: Omit<Explanation, 'outcome'>,
  candidates: readonly Candidate[],
  fallback: Service | undefined,
  seen: SeenRequest,
  resolve: Resolve,
  envoy: EnvoyBehaviour,
): Explanation {
  const failures = candidates.map(({ match }) => failedCondition(match, seen, envoy));
  const winner = candidates[failures.indexOf(undefined)];
  const others = candidates.flatMap((candidate, i) => {
    if (candidate === winner) return [];
    const because = failures[i] ?? (winner === undefined ? '' : `${titleOf(winner)} was asked before: it ${reasonOfOrder(winner, candidate)}`);
    return [{ route: candidate.route.name, match: candidate.index, because }];
  });
  const all = { ...at, others };
  if (winner !== undefined) return byRoute(all, winner, seen, resolve);
  if (fallback !== undefined) return { ...all, outcome: 'services', services: shares([{ service: fallback, weight: 1 }]) };
  return { ...all, outcome: 'no-route', status: 404, because: `no route of ${at.host} takes it, and no service has this host` };
}

function byRoute(at: Omit<Explanation, 'outcome'>, { route, index, match }: Candidate, seen: SeenRequest, resolve: Resolve): Explanation {
  const all = { ...at, route: { name: route.name, match: index, ...kept(route, 'origin'), ...kept(route, 'provider') } };
  const { redirect, respond, rewrite } = route;
  if (redirect !== undefined) return { ...all, outcome: 'redirect', status: redirect.status ?? 301, location: redirectLocation(redirect, match.path, seen) };
  if (respond !== undefined) return { ...all, outcome: 'respond', status: respond.status, ...(respond.body === undefined ? {} : { body: respond.body }) };
  const targets = resolvedTargets(route, resolve);
  const missing = (route.to ?? []).map(({ service }) => service).filter((id) => resolve(id) === undefined);
  if (targets.length === 0)
    return { ...all, missing, outcome: 'no-service', status: 503, because: `none of its services is in this group: ${missing.join(', ')}` };
  const changed = rewrite === undefined ? {} : { rewrite: rewritten(rewrite, match.path, seen) };
  return { ...all, missing, outcome: 'services', services: shares(targets), ...changed };
}

function rewritten(rewrite: NonNullable<Route['rewrite']>, path: Candidate['match']['path'], seen: SeenRequest): NonNullable<Explanation['rewrite']> {
  const to = rewrittenPath(rewrite, path, seen.path);
  return { ...(to === seen.path ? {} : { path: `${to}${seen.query}` }), ...(rewrite.host === undefined ? {} : { host: rewrite.host }) };
}

function shares(targets: ReturnType<typeof resolvedTargets>): ExplainedService[] {
  const sum = targets.reduce((total, { weight }) => total + weight, 0);
  return targets.map(({ service, weight }) => {
    const { id, endpoints } = service;
    return { id, ...kept(service, 'provider'), share: weight / sum, endpoints: endpoints.map(describeEndpoint) };
  });
}

/** What the registry says of an object, where it is one of the registry. */
function kept<Field extends 'origin' | 'provider'>(object: Wish | Stored, field: Field): { readonly [F in Field]?: string } {
  const value = field in object ? (object as Partial<Bookkeeping>)[field] : undefined;
  return value === undefined ? {} : ({ [field]: value } as { readonly [F in Field]: string });
}

function toHttps(at: Omit<Explanation, 'outcome'>, seen: SeenRequest, port: number | true): Explanation {
  const bare = { ...seen, authority: seen.authority.replace(/:\d*$/, '') };
  const location = redirectLocation({ scheme: 'https', ...(port === true ? {} : { port }) }, undefined, bare);
  return { ...at, outcome: 'redirect', status: 301, location };
}

/** As Envoy looks for a virtual host: the host itself, the longest wildcard above it, `*`. */
function foundHost(host: string, known: ReadonlySet<string>): string | undefined {
  if (known.has(host) && host !== '*') return host;
  for (let dot = host.indexOf('.', 1); dot >= 0; dot = host.indexOf('.', dot + 1)) if (known.has(`*${host.slice(dot)}`)) return `*${host.slice(dot)}`;
  return known.has('*') ? '*' : undefined;
}

/** The one that a client would reach: by the port of the URL or of its scheme, else the first of the scheme. */
function listenerFor(
  { scheme, port }: SentRequest,
  all: readonly Listener[],
): { readonly wish: Listener; readonly shown: NonNullable<Explanation['listener']> } | undefined {
  const fitting = all.filter(({ protocol }) => protocol === scheme).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const wanted = port ?? (scheme === 'https' ? 443 : 80);
  const exact = fitting.find(({ address }) => parseHostPort(address, 0).port === wanted);
  const wish = exact ?? fitting[0];
  if (wish === undefined) return undefined;
  const { name, address, protocol } = wish;
  const note =
    exact === undefined && (port !== undefined || fitting.length > 1)
      ? { note: `${fitting.length === 1 ? 'the only one' : `the first of ${fitting.length}`} for ${scheme}; none has port ${wanted}` }
      : {};
  return { wish, shown: { name, address, protocol, ...note } };
}

/** One for https opens with the first of its certificates that the group has. */
function opens({ protocol, certificates = [] }: Listener, known: ReadonlySet<string>): boolean {
  return protocol === 'http' || certificates.some((name) => known.has(name));
}

interface Sorted {
  readonly services: Map<string, Service>;
  readonly routes: Route[];
  readonly listeners: Listener[];
  /** Their names. */
  readonly certificates: Set<string>;
}

function sorted(objects: Situation['objects'], group: string): Sorted {
  const found: Sorted = { services: new Map(), routes: [], listeners: [], certificates: new Set() };
  for (const object of objects) {
    if (!servedBy(object, group)) continue;
    if (!isDeclared(object)) found.services.set(object.id, object);
    else if (object.kind === 'Route') found.routes.push(object);
    else if (object.kind === 'Listener') found.listeners.push(object);
    else if (object.kind === 'Certificate') found.certificates.add(object.name);
  }
  return found;
}

function titleOf({ route, index }: Candidate): string {
  return (route.match ?? []).length > 1 ? `route "${route.name}" (match ${index})` : `route "${route.name}"`;
}
