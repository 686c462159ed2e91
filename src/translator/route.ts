import type { Redirect, Rewrite, Route } from '../model/route.ts';
import type { Candidate } from '../model/route-order.ts';
import { type Resolve, resolvedTargets, type Target } from '../model/route-targets.ts';
import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';
import { hashPolicy } from './balancing.ts';
import { headerChanges } from './header-changes.ts';
import { routeName, serviceName } from './names.ts';
import { prefixRewrite, regexRewrite, wholeRewrite } from './path-rewrite.ts';
import { retryPolicy } from './retry-policy.ts';
import { routeMatch } from './route-match.ts';

/** config.route.v3.Route: one match of a route. */
export function route({ route: wish, index, match }: Candidate, resolve: Resolve): JsonObject {
  return {
    name: routeName(wish, index),
    match: routeMatch(match),
    ...actionOf(wish, match.path, resolve),
    ...(wish.headers === undefined ? {} : headerChanges(wish.headers)),
  };
}

/** config.route.v3.Route: all that a host's own service gets. */
export function serviceRoute(service: Service): JsonObject {
  return { match: { prefix: '/' }, route: { cluster: serviceName(service), ...hashing([service]), ...forwarding({}) } };
}

type Path = Candidate['match']['path'];

function actionOf(wish: Route, path: Path, resolve: Resolve): JsonObject {
  if (wish.redirect !== undefined) return { redirect: redirectAction(wish.redirect, path) };
  if (wish.respond !== undefined) return directResponse(wish.respond.status, wish.respond.body);
  const targets = resolvedTargets(wish, resolve);
  if (targets.length === 0) return directResponse(503, nobody(wish));
  return {
    route: {
      ...clusters(targets),
      ...hashing(targets.map(({ service }) => service)),
      ...(wish.rewrite === undefined ? {} : rewritten(wish.rewrite, path)),
      ...forwarding(wish),
    },
  };
}

function clusters(targets: readonly Target[]): JsonObject {
  const [only] = targets;
  if (targets.length === 1 && only !== undefined) return { cluster: serviceName(only.service) };
  return { weightedClusters: { clusters: targets.map(({ service, weight }) => ({ name: serviceName(service), weight })) } };
}

/** What the balancers of the services that requests may go to sort them by; each takes the whole of it. */
function hashing(services: readonly Service[]): JsonObject {
  const policies = new Map(services.flatMap(hashPolicy).map((policy) => [JSON.stringify(policy), policy]));
  return policies.size === 0 ? {} : { hashPolicy: [...policies.values()] };
}

/** How a request is handed on, whatever it meets. */
function forwarding({ timeout = '0s', idleTimeout, retries }: Pick<Route, 'timeout' | 'idleTimeout' | 'retries'>): JsonObject {
  return {
    // Envoy would cut every answer off after 15 s; streams, long polls and downloads take longer. Idle ones end after 5 minutes.
    timeout,
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...retryPolicy(retries),
  };
}

function rewritten({ path: whole, prefix, regex, host }: Rewrite, path: Path): JsonObject {
  return {
    ...(whole === undefined ? {} : wholeRewrite(path, whole)),
    ...(prefix === undefined ? {} : prefixRewrite(path, prefix)),
    ...(regex === undefined ? {} : { regexRewrite: regexRewrite(regex.pattern, regex.with) }),
    ...(host === undefined ? {} : { hostRewriteLiteral: host }),
  };
}

const REDIRECT_CODES: Readonly<Record<NonNullable<Redirect['status']>, string>> = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};

/** config.route.v3.RedirectAction */
function redirectAction({ scheme, host, port, path: whole, prefix, status = 301, dropQuery }: Redirect, path: Path): JsonObject {
  return {
    ...(scheme === undefined ? {} : { schemeRedirect: scheme }),
    ...(host === undefined ? {} : { hostRedirect: host }),
    ...(port === undefined ? {} : { portRedirect: port }),
    ...(whole === undefined ? {} : { pathRedirect: whole }),
    ...(prefix === undefined ? {} : prefixRewrite(path, prefix)),
    ...(status === 301 ? {} : { responseCode: REDIRECT_CODES[status] }),
    ...(dropQuery === true ? { stripQuery: true } : {}),
  };
}

/** config.route.v3.DirectResponseAction, as a field of its route. */
function directResponse(status: number, body?: string): JsonObject {
  return { directResponse: { status, ...(body === undefined ? {} : { body: { inlineString: body } }) } };
}

function nobody({ name, to = [] }: Route): string {
  return `route "${name}" leads to no service that this group of Envoys has: ${to.map(({ service }) => service).join(', ')}\n`.slice(0, 4096);
}
