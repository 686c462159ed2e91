import { LabelError } from './label-fault.ts';
import type { Said, Words } from './words.ts';

export const PATHS = ['path', 'path.exact', 'path.regex'];

/** Envoy sets it itself, by how the request reached it. */
export const SCHEME_HEADER = 'x-forwarded-proto';

/** What a request has to look like; undefined for any. @param prefix of the words of a further route, `route.api.` */
export function matchOf(words: Words, prefix: string): Readonly<Record<string, unknown>> | undefined {
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

/** What the service is sent in place of the path. */
export function rewriteOf(words: Words, prefix: string): Readonly<Record<string, unknown>> | undefined {
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
