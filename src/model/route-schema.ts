import { z } from 'zod';
import { commonFields, commonOf, nameSchema } from './common-schema.ts';
import { durationMs } from './duration.ts';
import { durationSchema } from './duration-schema.ts';
import { asSet, given, keysGiven, oneOrMore, whole } from './forms.ts';
import { headersSchema } from './header-changes-schema.ts';
import { parseHost } from './host.ts';
import { retriesSchema } from './retries-schema.ts';
import type { Route } from './route.ts';
import { ACTION_FIELDS, redirectSchema, respondSchema, rewriteSchema, toSchema } from './route-action-schema.ts';
import { MATCH_FIELDS, matchSchema } from './route-match-schema.ts';
import { readOnlyFields } from './service.ts';
import { text } from './text-schema.ts';

export const ROUTE_LIMITS = { hosts: 256, listeners: 64, priority: 1_000_000 } as const;

const host = text('the host', (value) => (value === '*' ? '*' : parseHost(value))).meta({
  description: 'A host name, `*.` and a domain for every name under it, or `*` for every host that nobody else has.',
  examples: ['web.example.com'],
});

export const routeFields = {
  kind: z.literal('Route', { error: 'the kind must be "Route"' }),
  name: nameSchema('the name'),
  hosts: oneOrMore(host, 'hosts', '["web.example.com"]', ROUTE_LIMITS.hosts).transform(asSet),
  listeners: oneOrMore(nameSchema('the listener'), 'listeners', '["https"]', ROUTE_LIMITS.listeners)
    .transform(asSet)
    .optional()
    .meta({ description: 'The listeners it is for; left out, all of its groups are.' }),
  match: matchSchema.optional().meta({ description: 'A request meets the route where one of these holds; left out, every request does.' }),
  priority: whole('the priority', -ROUTE_LIMITS.priority, ROUTE_LIMITS.priority)
    .optional()
    .meta({ description: 'A higher one is asked first; 0 unless given.' }),
  to: toSchema.optional().meta({ description: 'The services that share the requests, by their weights.' }),
  service: nameSchema('the service').optional().meta({ description: 'Short for `to` with this one alone.' }),
  redirect: redirectSchema.optional(),
  respond: respondSchema.optional().meta({ description: 'An answer of Envoy’s own.' }),
  rewrite: rewriteSchema.optional(),
  timeout: durationSchema('the timeout', { least: 0 }).optional().meta({ description: 'Of the whole request; none unless given.' }),
  idleTimeout: durationSchema('the idleTimeout', { least: 0 }).optional().meta({ description: 'How long nothing may happen; 5m unless given.' }),
  retries: retriesSchema.optional(),
  headers: headersSchema.optional().meta({ description: 'Changes to the headers of requests and responses.' }),
  ...commonFields,
};

type Fields = z.output<z.ZodObject<typeof routeFields>>;

/** What only a request that is handed on can have. */
const FORWARDING = ['rewrite', 'timeout', 'idleTimeout', 'retries'] as const;

/** A route as it is sent; unknown fields are refused. */
export const routeSchema = z
  .strictObject(
    { ...routeFields, ...readOnlyFields },
    {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? 'a route must be an object, as in {"kind":"Route","name":"web","hosts":["web.example.com"],"service":"web"}'
          : undefined,
    },
  )
  .transform((fields, context): Route => {
    for (const { path, message } of faults(fields)) context.addIssue({ code: 'custom', path, message });
    const { name, hosts, listeners, match, priority, service, redirect, respond, rewrite, timeout, idleTimeout, retries, headers } = fields;
    const to = fields.to ?? (service === undefined ? undefined : [{ service }]);
    return {
      kind: 'Route',
      name,
      hosts,
      ...given('listeners', listeners),
      ...given('match', match),
      ...given('priority', priority === 0 ? undefined : priority),
      ...given('to', to),
      ...given('redirect', redirect),
      ...given('respond', respond),
      ...given('rewrite', rewrite),
      ...given('timeout', timeout === '0s' ? undefined : timeout),
      ...given('idleTimeout', idleTimeout),
      ...given('retries', retries),
      ...given('headers', headers),
      ...commonOf(fields),
    };
  })
  .meta({ id: 'Route' });

function* faults(fields: Fields): Generator<{ readonly path: string[]; readonly message: string }> {
  const { match = [], redirect, rewrite, timeout = '0s', retries, headers } = fields;
  const actions = keysGiven(fields, ['service', 'to', 'redirect', 'respond']);
  if (actions.length !== 1) {
    const found = actions.length === 0 ? '' : `, not ${actions.join(' and ')}`;
    yield { path: [], message: `a route must say exactly one of service, to, redirect or respond${found}` };
  }
  const own = redirect === undefined ? (fields.respond === undefined ? undefined : 'respond') : 'redirect';
  if (own !== undefined) {
    for (const key of keysGiven(fields, FORWARDING)) yield { path: [key], message: `${key} does nothing beside ${own}: no request is handed on` };
    if (headers?.request !== undefined) yield { path: ['headers', 'request'], message: `does nothing beside ${own}: no request is handed on` };
  }
  const notPrefix = match.findIndex(({ path }) => path !== undefined && !('prefix' in path));
  if (notPrefix >= 0)
    for (const [key, { prefix }] of [
      ['redirect', redirect ?? {}],
      ['rewrite', rewrite ?? {}],
    ] as const)
      if (prefix !== undefined)
        yield { path: [key, 'prefix'], message: `needs a prefix to put it in place of: match/${notPrefix} has none. Say path, or a route of its own` };
  const perTry = durationMs(retries?.perTryTimeout ?? '0s');
  if (durationMs(timeout) > 0 && perTry >= durationMs(timeout))
    yield { path: ['retries', 'perTryTimeout'], message: `leaves no time for a second try within the timeout of ${timeout}` };
}

/** The names of the fields a route and its parts may have, for "did you mean". */
export const ROUTE_FIELDS: readonly string[] = [...new Set([...Object.keys(routeFields), ...Object.keys(readOnlyFields), ...MATCH_FIELDS, ...ACTION_FIELDS])];
