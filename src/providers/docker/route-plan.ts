import { LabelError } from './label-fault.ts';
import { matchOf, PATHS, rewriteOf } from './route-match.ts';
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
