import type { EnvoyBehaviour } from './envoy-behaviour.ts';
import { alternatives } from './forms.ts';
import { compileRegex } from './regex.ts';
import type { PathMatch, RouteMatch, ValueMatch } from './route.ts';
import type { SeenRequest } from './seen-request.ts';

/** The first condition that a request does not meet, in words; undefined where it meets all. */
export function failedCondition(match: RouteMatch, request: SeenRequest, behaviour: EnvoyBehaviour): string | undefined {
  const { path, methods, headers = {}, query = {} } = match;
  if (path !== undefined && !pathMatches(path, request.path)) return `the path ${request.path} ${notPath(path)}`;
  if (methods !== undefined && !methods.includes(request.method)) return `the method ${request.method} is not ${alternatives(methods)}`;
  for (const [name, value] of Object.entries(headers)) {
    const all = request.headers.get(name);
    const said = all === undefined || !behaviour.joinsHeaders || all.includes(undefined) ? all : [all.join(',')];
    const fault = valueFault(value, said);
    if (fault !== undefined) return `the header ${name} ${fault}`;
  }
  const parameters = parametersOf(request.query);
  for (const [name, value] of Object.entries(query)) {
    const said = parameters.get(name);
    const fault = valueFault(value, said === undefined ? undefined : [said]);
    if (fault !== undefined) return `the query parameter ${name} ${fault}`;
  }
  return undefined;
}

function pathMatches(match: PathMatch, path: string): boolean {
  if ('exact' in match) return path === match.exact;
  if ('regex' in match) return compileRegex(match.regex).matches(path);
  return match.prefix === '/' || path === match.prefix || path.startsWith(`${match.prefix}/`);
}

function notPath(match: PathMatch): string {
  if ('exact' in match) return `is not ${match.exact}`;
  return 'regex' in match ? `does not match ${match.regex}` : `is not under ${match.prefix}`;
}

/** @param said all values; undefined among them for one that only Envoy knows, which nothing but its presence can be asked of */
function valueFault(match: ValueMatch, said: readonly (string | undefined)[] | undefined): string | undefined {
  if ('present' in match) {
    if (match.present) return said === undefined ? 'is not there' : undefined;
    return said === undefined ? undefined : 'is there';
  }
  if (said === undefined) return 'is not there';
  const known = said.filter((value) => value !== undefined);
  if (known.some((value) => valueMatches(match, value))) return undefined;
  const is = known.length === 0 ? 'has a value that Envoy makes up, which' : `is ${known.map((value) => JSON.stringify(value)).join(' and ')}, which`;
  if ('exact' in match) return `${is} is not ${JSON.stringify(match.exact)}`;
  return 'regex' in match ? `${is} does not match ${match.regex}` : `${is} does not begin with ${JSON.stringify(match.prefix)}`;
}

function valueMatches(match: PathMatch, value: string): boolean {
  if ('exact' in match) return value === match.exact;
  return 'regex' in match ? compileRegex(match.regex).matches(value) : value.startsWith(match.prefix);
}

/** As Envoy reads them: undecoded, the first of each name. @param query with its question mark */
export function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.slice(1).split('&')) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    if (!parameters.has(name)) parameters.set(name, equals < 0 ? '' : pair.slice(equals + 1));
  }
  return parameters;
}
