import { compileRegex } from './regex.ts';
import type { PathMatch, Redirect, Rewrite } from './route.ts';
import type { SeenRequest } from './seen-request.ts';

/** The path of a request once its route has rewritten it, without the query. */
export function rewrittenPath({ path: whole, prefix, regex }: Pick<Rewrite, 'path' | 'prefix' | 'regex'>, match: PathMatch | undefined, path: string): string {
  if (whole !== undefined) return whole;
  if (prefix !== undefined) return withPrefix(path, match !== undefined && 'prefix' in match ? match.prefix : '/', prefix);
  return regex === undefined ? path : compileRegex(regex.pattern).replaceAll(path, regex.with);
}

function withPrefix(path: string, from: string, to: string): string {
  if (from === to) return path;
  if (from === '/') return `${to}${path}`;
  const rest = path.slice(from.length);
  return to === '/' ? `/${rest.replace(/^\/+/, '')}` : `${to}${rest}`;
}

/** Where a redirect sends a request (Envoy, Http::Utility::newUri). */
export function redirectLocation(redirect: Redirect, match: PathMatch | undefined, request: SeenRequest): string {
  const { scheme = request.scheme, host, port, dropQuery = false } = redirect;
  const path = rewrittenPath(redirect, match, request.path);
  return `${scheme}://${host ?? ownHost(request, scheme, port)}${port === undefined ? '' : `:${port}`}${path}${dropQuery ? '' : request.query}`;
}

/** What the client called it; the port goes where another takes its place, or where it is the one of the scheme that is left. */
function ownHost({ authority, scheme: from }: SeenRequest, to: string, port: number | undefined): string {
  const own = from === 'https' ? ':443' : ':80';
  if (port !== undefined) return authority.replace(/:\d*$/, '');
  return to !== from && authority.endsWith(own) ? authority.slice(0, -own.length) : authority;
}
