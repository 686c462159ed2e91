import type { EnvoyBehaviour } from './envoy-behaviour.ts';

/** What a URL may hold undecoded; Envoy decodes it where it is not (googleurl, url_canon_path.cc). */
const UNRESERVED = /[A-Za-z0-9._~-]/;
/** What it encodes where it is not encoded. */
const ENCODED = /["<>^`{|}]/g;

/**
 * The path of a request, without its query, as Envoy makes it before it looks for a route (`normalize_path`): dots are
 * resolved, a backslash is a slash, characters are encoded or decoded where they should be. Slashes are kept, however many.
 * @returns undefined where Envoy refuses the request
 */
export function normalPath(path: string, { keepsDotParameters }: EnvoyBehaviour): string | undefined {
  if (!/^\/[\x21-\x7e]*$/.test(path) || path.includes('#') || path.includes('%00')) return undefined;
  const bare = keepsDotParameters ? path : path.replace(/(?<=\/)(\.\.?);[^/]*/g, '$1');
  const text = bare
    .replaceAll('\\', '/')
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (encoded, hex: string) => {
      const char = String.fromCharCode(Number.parseInt(hex, 16));
      return UNRESERVED.test(char) ? char : encoded;
    })
    .replaceAll(ENCODED, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return withoutDots(text);
}

function withoutDots(path: string): string {
  const segments = path.split('/');
  const kept: string[] = [];
  for (const [i, segment] of segments.entries()) {
    const isDots = segment === '.' || segment === '..';
    if (segment === '..' && kept.length > 1) kept.pop();
    if (!isDots) kept.push(segment);
    // What ended with dots is a folder.
    else if (i === segments.length - 1) kept.push('');
  }
  return kept.length === 1 ? '/' : kept.join('/');
}
