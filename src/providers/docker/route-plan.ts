import { LabelError } from './label-fault.ts';
import type { Said, Words } from './words.ts';

/** A Route to be, before it is known to whom its requests go and which of its hosts are free. */
export interface RoutePlan {
  /** Of a further route; undefined for the service's own. */
  readonly name: string | undefined;
  readonly hosts: readonly string[];
  readonly listeners: readonly string[] | undefined;
  readonly match: Readonly<Record<string, unknown>> | undefined;
  readonly priority: number;
  readonly rewrite: Readonly<Record<string, unknown>> | undefined;
  /** Requests that come without TLS are sent to https. */
  readonly toHttps: boolean;
  /** Timeouts and retries. */
  readonly forwarding: Readonly<Record<string, unknown>>;
}

/** What leads to a service: its host alone, or routes. */
export interface Ways {
  readonly host: string | undefined;
  readonly routes: readonly RoutePlan[];
}

const PATHS = ['path', 'path.exact', 'path.regex'];
const MATCHES = [...PATHS, 'path.strip', 'path.rewrite', 'method', 'priority', 'listener'];
/** Only routes have these. */
const FORWARDING = ['timeout', 'retries', 'retry_on'];

/**
 * @param shared whether requests are shared between versions, which a host alone cannot say
 * @throws LabelError invalid-label
 */
export function waysOf(words: Words, shared = false): Ways {
  const hosts = words.list('host');
  const further = [...new Set(words.family('route.').map(([rest]) => rest.split('.', 1)[0] ?? ''))];
  const own = ownRoute(words, hosts, shared);
  const routes = [...(own.route === undefined ? [] : [own.route]), ...further.map((name) => routePlan(words, name, hosts))];
  if (routes.length === 0 && own.host === undefined) {
    const lost = words.anyOf([...FORWARDING, 'tls.redirect']) ?? words.family('split.')[0]?.[1];
    if (lost !== undefined) throw needsHost(words, lost);
  }
  return { host: own.host, routes };
}

function ownRoute(words: Words, hosts: readonly string[] | undefined, shared: boolean): { readonly host?: string; readonly route?: RoutePlan } {
  const special =
    words.anyOf([...MATCHES, ...FORWARDING, 'tls.redirect']) ??
    words.family('header.')[0]?.[1] ??
    words.family('query.')[0]?.[1] ??
    (words.text('tls') === 'off' ? words.said('tls') : undefined);
  const [host] = hosts ?? [];
  if (hosts === undefined || host === undefined) {
    // Those of its further routes, which say their hosts themselves, are no matter of its own.
    const lost = words.anyOf(MATCHES) ?? words.family('header.')[0]?.[1] ?? words.family('query.')[0]?.[1];
    if (lost !== undefined) throw needsHost(words, lost);
    return {};
  }
  if (special === undefined && !shared && hosts.length === 1 && host !== '*') return { host };
  return { route: routePlan(words, undefined, hosts) };
}

function routePlan(words: Words, name: string | undefined, own: readonly string[] | undefined): RoutePlan {
  const prefix = name === undefined ? '' : `route.${name}.`;
  const hosts = words.list(`${prefix}host`) ?? own;
  if (hosts === undefined) throw needsHost(words, words.family(prefix)[0]?.[1]);
  const timeout = words.text('timeout');
  return {
    name,
    hosts,
    listeners: words.list(`${prefix}listener`) ?? words.list('listener'),
    match: matchOf(words, prefix),
    priority: words.number(`${prefix}priority`) ?? 0,
    rewrite: rewriteOf(words, prefix),
    toHttps: redirects(words),
    forwarding: { ...(timeout === undefined ? {} : { timeout }), ...retriesOf(words) },
  };
}

function redirects(words: Words): boolean {
  const said = words.said('tls.redirect');
  if (said?.value !== true) return false;
  if (words.text('tls') === 'off')
    throw new LabelError({
      code: 'invalid-label',
      label: said.label,
      message: 'tls.redirect leads to https, where tls=off says that the service is not',
      hint: 'leave one of the two out',
    });
  return true;
}

/** Envoy sets it itself, by how the request reached it. */
export const SCHEME_HEADER = 'x-forwarded-proto';

function matchOf(words: Words, prefix: string): Readonly<Record<string, unknown>> | undefined {
  const path = pathOf(words, prefix);
  const methods = words.list(`${prefix}method`);
  const headers = { ...values(words, `${prefix}header.`), ...(words.text('tls') === 'off' ? { [SCHEME_HEADER]: 'http' } : {}) };
  const query = values(words, `${prefix}query.`);
  const match = {
    ...(path === undefined ? {} : { path: path.match }),
    ...(methods === undefined ? {} : { methods: methods.toSorted() }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(Object.keys(query).length === 0 ? {} : { query }),
  };
  return Object.keys(match).length === 0 ? undefined : match;
}

/** `*` is any value. */
function values(words: Words, prefix: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(words.family(prefix).map(([name, { value }]) => [name, value === '*' ? { present: true } : { exact: String(value) }]));
}

interface Path {
  readonly kind: 'prefix' | 'exact' | 'regex';
  readonly match: Readonly<Record<string, string>>;
  readonly said: Said;
}

function pathOf(words: Words, prefix: string): Path | undefined {
  const found = PATHS.flatMap((word): Path[] => {
    const said = words.said(prefix + word);
    const kind = word === 'path' ? 'prefix' : word === 'path.exact' ? 'exact' : 'regex';
    return said === undefined ? [] : [{ kind, match: { [kind]: String(said.value) }, said }];
  });
  const [one, other] = found;
  if (other !== undefined)
    throw new LabelError({
      code: 'invalid-label',
      label: other.said.label,
      message: `a route has one path, and ${one?.said.label} says another`,
      hint: `leave one out, or say it of a route of its own: ${words.prefix}route.more.${other.kind === 'prefix' ? 'path' : `path.${other.kind}`}=${other.said.text.slice(0, 80)}`,
    });
  return one;
}

function rewriteOf(words: Words, prefix: string): Readonly<Record<string, unknown>> | undefined {
  const path = pathOf(words, prefix);
  const strip = words.said(`${prefix}path.strip`);
  const rewrite = words.said(`${prefix}path.rewrite`);
  if (strip?.value === true) {
    if (rewrite !== undefined)
      throw new LabelError({
        code: 'invalid-label',
        label: strip.label,
        message: `it cannot be stripped and rewritten both: ${rewrite.label} says what stands in its place`,
        hint: 'leave one of the two out',
      });
    if (path?.kind !== 'prefix')
      throw new LabelError({
        code: 'invalid-label',
        label: strip.label,
        message: 'there is no prefix to strip: only a path without "exact" and "regex" is one',
        hint: `${strip.label.replace(/\.strip$/, '')}=/api`,
      });
    return { prefix: '/' };
  }
  if (rewrite === undefined) return undefined;
  if (path?.kind === 'regex') return { regex: { pattern: String(path.said.value), with: String(rewrite.value) } };
  return path?.kind === 'exact' ? { path: String(rewrite.value) } : { prefix: String(rewrite.value) };
}

/** As many as Envoyage has where nothing is said, for `retry_on` alone. */
const USUAL_ATTEMPTS = 2;

function retriesOf(words: Words): Readonly<Record<string, unknown>> {
  const attempts = words.number('retries');
  const reasons = words.list('retry_on');
  if (attempts === undefined && reasons === undefined) return {};
  const [statuses, on] = [reasons?.filter((each) => /^\d+$/.test(each)).map(Number) ?? [], reasons?.filter((each) => !/^\d+$/.test(each)) ?? []];
  return { retries: { attempts: attempts ?? USUAL_ATTEMPTS, ...(on.length === 0 ? {} : { on }), ...(statuses.length === 0 ? {} : { statuses }) } };
}

function needsHost(words: Words, said: Said | undefined): LabelError {
  return new LabelError({
    code: 'invalid-label',
    label: said?.label,
    message: 'it is about requests to a host, and the service names none',
    hint: `${words.prefix}host=web.example.com`,
  });
}
