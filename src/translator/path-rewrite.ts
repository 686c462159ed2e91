import type { PathMatch } from '../model/route.ts';
import type { JsonObject } from '../proto/json.ts';
import { quoted } from './route-match.ts';

/**
 * Puts `to` in place of the prefix that the path matched, a segment for a segment, so that no slash is doubled or lost;
 * fields of RouteAction and of RedirectAction.
 */
export function prefixRewrite(path: PathMatch | undefined, to: string): JsonObject {
  const prefix = path !== undefined && 'prefix' in path ? path.prefix : '/';
  if (prefix === to) return {};
  if (prefix === '/') return { prefixRewrite: `${to}/` };
  // Envoy puts one text in place of the other: `/api` → `/` would make `//x` of `/api/x`.
  return to === '/' ? { regexRewrite: regexRewrite(`^${quoted(prefix)}/*`, '/') } : { prefixRewrite: to };
}

/** Puts `to` in place of the whole path; a field of RouteAction. */
export function wholeRewrite(path: PathMatch | undefined, to: string): JsonObject {
  // What Envoy calls the prefix is the whole path where a path or an expression matched.
  if (path !== undefined && !('prefix' in path)) return { prefixRewrite: to };
  return { regexRewrite: regexRewrite('^/.*$', to.replaceAll('\\', '\\\\')) };
}

/** type.matcher.v3.RegexMatchAndSubstitute */
export function regexRewrite(regex: string, substitution: string): JsonObject {
  return { pattern: { regex }, substitution };
}
