import { z } from 'zod';
import { alternatives, asSet, given, keysGiven, mapOf, oneOrMore } from './forms.ts';
import { headerValueFault, parseHeaderName } from './header-name.ts';
import { compileRegex } from './regex.ts';
import type { PathMatch, RouteMatch, ValueMatch } from './route.ts';
import { text } from './text-schema.ts';
import { parsePath, parsePrefix } from './url-path.ts';

export const MATCH_LIMITS = { matches: 100, methods: 32, headers: 32, query: 32 } as const;

export const regexSchema = text('the regular expression', (pattern) => {
  compileRegex(pattern);
  return pattern;
}).meta({ description: 'RE2; the whole has to match.', examples: ['/users/[0-9]+'] });

/** The one of the forms that is there. */
function onlyOne<T extends object>(what: string, words: readonly string[]) {
  return (forms: Readonly<Record<string, unknown>>, context: z.RefinementCtx): T => {
    const found = keysGiven(forms, words);
    const [key] = found;
    if (key !== undefined && found.length === 1) return { [key]: forms[key] } as T;
    context.addIssue({
      code: 'custom',
      message: `${what} must say exactly one of ${alternatives(words)}${found.length > 1 ? `, not ${found.join(' and ')}` : ''}`,
    });
    return z.NEVER;
  };
}

const prefixPath = text('the prefix', parsePrefix).meta({ description: 'Of segments: `/api` is `/api` and `/api/x`, not `/apis`.', examples: ['/api'] });

const pathSchema = z.union(
  [
    prefixPath.transform((prefix): PathMatch => ({ prefix })),
    z
      .strictObject({ exact: text('the path', parsePath).optional(), prefix: prefixPath.optional(), regex: regexSchema.optional() })
      .transform(onlyOne<PathMatch>('the path', ['exact', 'prefix', 'regex'])),
  ],
  { error: 'the path must be a prefix, as in "/api", or {"exact": "/api"}, {"regex": "/api/v[0-9]+"}' },
);

/** What Envoy compares values with, neither trimmed nor decoded. */
function valueText(what: string, least: 0 | 1) {
  return text(what, (value) => {
    const fault = value.length < least ? 'is empty: use present' : headerValueFault(value);
    if (fault !== undefined) throw new Error(fault);
    return value;
  });
}

function valueSchema(what: string): z.ZodType<ValueMatch> {
  const exact = valueText(`the value of ${what}`, 0);
  return z.union(
    [
      exact.transform((value): ValueMatch => ({ exact: value })),
      z
        .strictObject({
          exact: exact.optional(),
          prefix: valueText('the prefix', 1).optional(),
          regex: regexSchema.optional(),
          present: z.boolean({ error: 'present must be true or false' }).optional(),
        })
        .transform(onlyOne<ValueMatch>(`the value of ${what}`, ['exact', 'prefix', 'regex', 'present'])),
    ],
    { error: `the value of ${what} must be text in quotes, or one of {"prefix": "a"}, {"regex": "a.*"}, {"present": true}` },
  );
}

const headerValue = valueSchema('a header');
const parameterValue = valueSchema('a query parameter');

function parseMethod(value: string): string {
  const method = value.toUpperCase();
  if (!/^[A-Z0-9!#$%&'*+.^_`|~-]{1,32}$/.test(method)) throw new Error('is no method, as in GET');
  if (method === 'CONNECT') throw new Error('cannot be routed');
  return method;
}

function parseParameter(name: string): string {
  if (!/^[\x21-\x7e]{1,256}$/.test(name) || /[&=#]/.test(name)) throw new Error('is no name of a query parameter as a URL has it');
  return name;
}

const matchFields = {
  path: pathSchema.optional(),
  methods: oneOrMore(text('the method', parseMethod), 'methods', '["GET", "POST"]', MATCH_LIMITS.methods).transform(asSet).optional(),
  headers: mapOf(headerValue, parseHeaderName, 'headers', '{"x-version": "2"}', MATCH_LIMITS.headers).optional(),
  query: mapOf(parameterValue, parseParameter, 'query', '{"version": "2"}', MATCH_LIMITS.query).optional(),
};

const one = z
  .strictObject(matchFields, { error: (issue) => (issue.code === 'invalid_type' ? 'a match must be an object, as in {"path": "/api"}' : undefined) })
  .transform(({ path, methods, headers, query }): RouteMatch => {
    const everything = path !== undefined && 'prefix' in path && path.prefix === '/';
    return { ...given('path', everything ? undefined : path), ...given('methods', methods), ...given('headers', headers), ...given('query', query) };
  });

/** One match or a list; undefined for what every request meets anyway. */
export const matchSchema = oneOrMore(one, 'match', '[{"path": "/api"}]', MATCH_LIMITS.matches).transform((matches): readonly RouteMatch[] | undefined =>
  matches.length === 1 && Object.keys(matches[0] ?? {}).length === 0 ? undefined : matches,
);

export const MATCH_FIELDS: readonly string[] = [...Object.keys(matchFields), 'exact', 'prefix', 'regex', 'present'];
