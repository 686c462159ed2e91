import type { PathMatch, RouteMatch, ValueMatch } from '../model/route.ts';
import type { JsonObject } from '../proto/json.ts';

/** config.route.v3.RouteMatch */
export function routeMatch({ path = { prefix: '/' }, methods, headers = {}, query = {} }: RouteMatch): JsonObject {
  const matchers = [...(methods === undefined ? [] : [methodMatcher(methods)]), ...Object.entries(headers).map(([name, value]) => headerMatcher(name, value))];
  const parameters = Object.entries(query).map(([name, value]) =>
    'present' in value ? { name, presentMatch: value.present } : { name, stringMatch: matcher(value) },
  );
  return {
    ...pathMatcher(path),
    ...(matchers.length === 0 ? {} : { headers: matchers }),
    ...(parameters.length === 0 ? {} : { queryParameters: parameters }),
  };
}

/** Envoy's own prefix of segments takes neither `/` nor a slash at its end. */
function pathMatcher(path: PathMatch): JsonObject {
  if ('exact' in path) return { path: path.exact };
  if ('regex' in path) return { safeRegex: { regex: path.regex } };
  return path.prefix === '/' ? { prefix: '/' } : { pathSeparatedPrefix: path.prefix };
}

function methodMatcher(methods: readonly string[]): JsonObject {
  const [only = ''] = methods;
  return { name: ':method', stringMatch: methods.length === 1 ? { exact: only } : { safeRegex: { regex: methods.map(quoted).join('|') } } };
}

function headerMatcher(name: string, value: ValueMatch): JsonObject {
  if (!('present' in value)) return { name, stringMatch: matcher(value) };
  return { name, presentMatch: true, ...(value.present ? {} : { invertMatch: true }) };
}

/** type.matcher.v3.StringMatcher */
function matcher(value: PathMatch): JsonObject {
  if ('exact' in value) return { exact: value.exact };
  return 'regex' in value ? { safeRegex: { regex: value.regex } } : { prefix: value.prefix };
}

/** As a regular expression that matches nothing but the text. */
export function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
