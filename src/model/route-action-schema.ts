import { z } from 'zod';
import { parseHostPort } from '../lib/address.ts';
import { nameSchema } from './common-schema.ts';
import { given, keysGiven, oneOrMore, whole } from './forms.ts';
import { headerValueFault } from './header-name.ts';
import { parseHost } from './host.ts';
import { compileRegex, substitutionFault } from './regex.ts';
import type { Redirect, Rewrite, Route, RouteTarget } from './route.ts';
import { regexSchema } from './route-match-schema.ts';
import { text } from './text-schema.ts';
import { parsePath, parsePrefix } from './url-path.ts';

export const ACTION_LIMITS = { targets: 64, weight: 1_000_000, body: 4096 } as const;

const serviceName = nameSchema('the service');

const target = z.union(
  [
    serviceName.transform((service): RouteTarget => ({ service })),
    z
      .strictObject({ service: serviceName, weight: whole('the weight', 0, ACTION_LIMITS.weight).optional() })
      .transform(({ service, weight }): RouteTarget => ({ service, ...given('weight', weight === 1 ? undefined : weight) })),
  ],
  { error: 'a target must be {"service": "web"} or {"service": "web", "weight": 9}' },
);

export const toSchema = oneOrMore(target, 'to', '[{"service": "web"}]', ACTION_LIMITS.targets).transform((targets, context): readonly RouteTarget[] => {
  const seen = new Set<string>();
  for (const [i, { service }] of targets.entries()) {
    if (seen.has(service)) context.addIssue({ code: 'custom', path: [i, 'service'], message: `"${service}" is there twice: add the weights up` });
    seen.add(service);
  }
  if (targets.every(({ weight }) => weight === 0))
    context.addIssue({ code: 'custom', message: 'the weights add up to 0, so that no request would go anywhere' });
  // Of one alone the weight says nothing.
  return targets.length === 1 ? targets.map(({ service }) => ({ service })) : targets;
});

const port = whole('the port', 1, 65535);

const plainHost = text('the host', (value) => {
  const host = parseHost(value);
  if (host.startsWith('*')) throw new Error('is a wildcard: name one host');
  return host;
});

/** What stands in the Host header: a name, with a port where there is one. */
const authority = text('the host', (value) => {
  if (!/:\d+$/.test(value) || /^\[[^\]]*\]$/.test(value)) return plainHost.parse(value);
  const { host, port: number } = parseHostPort(value, 1);
  return `${parseHost(host)}:${number}`;
});

const path = text('the path', parsePath);
const prefix = text('the prefix', parsePrefix);

export const redirectSchema = z.union(
  [
    z
      .enum(['http', 'https'], { error: 'the redirect must be "https" or an object, as in {"host": "www.example.com"}' })
      .transform((scheme): Redirect => ({ scheme })),
    z
      .strictObject({
        scheme: z.enum(['http', 'https'], { error: 'the scheme must be "http" or "https"' }).optional(),
        host: plainHost.optional(),
        port: port.optional(),
        path: path.optional(),
        prefix: prefix.optional(),
        status: z.literal([301, 302, 303, 307, 308], { error: 'the status of a redirect must be 301, 302, 303, 307 or 308' }).optional(),
        dropQuery: z.boolean({ error: 'dropQuery must be true or false' }).optional(),
      })
      .transform(({ dropQuery, status, ...rest }, context): Redirect => {
        if (keysGiven(rest, ['scheme', 'host', 'port', 'path', 'prefix']).length === 0 && dropQuery !== true)
          context.addIssue({ code: 'custom', message: 'the redirect leads back to where it comes from: say a scheme, host, port, path or prefix' });
        if (rest.path !== undefined && rest.prefix !== undefined)
          context.addIssue({ code: 'custom', message: 'the redirect must not say both path and prefix' });
        return {
          ...given('scheme', rest.scheme),
          ...given('host', rest.host),
          ...given('port', rest.port),
          ...given('path', rest.path),
          ...given('prefix', rest.prefix),
          ...given('status', status === 301 ? undefined : status),
          ...given('dropQuery', dropQuery === true ? true : undefined),
        };
      }),
  ],
  { error: 'the redirect must be "https" or an object, as in {"host": "www.example.com"}' },
);

const status = whole('the status', 200, 599);

export const respondSchema = z.union(
  [
    status.transform((code): NonNullable<Route['respond']> => ({ status: code })),
    z
      .strictObject({
        status,
        body: z
          .string({ error: 'the body must be a string' })
          // Envoy's limit (RouteConfiguration.max_direct_response_body_size_bytes).
          .refine((body) => Buffer.byteLength(body) <= ACTION_LIMITS.body, { error: `the body must be at most ${ACTION_LIMITS.body} bytes` })
          .optional(),
      })
      .transform(({ status: code, body }): NonNullable<Route['respond']> => ({ status: code, ...given('body', body === '' ? undefined : body) })),
  ],
  { error: 'respond must be a status, as in 404, or an object, as in {"status": 404, "body": "gone"}' },
);

export const rewriteSchema = z
  .strictObject(
    {
      path: path.optional(),
      prefix: prefix.optional(),
      regex: z
        .strictObject({
          pattern: regexSchema,
          with: z.string({ error: '"with" must be a string' }).max(1024, { error: '"with" must be at most 1024 characters' }),
        })
        .optional(),
      host: authority.optional(),
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'rewrite must be an object, as in {"prefix": "/"}' : undefined) },
  )
  .transform(({ path: whole, prefix: start, regex, host }, context): Rewrite => {
    const paths = keysGiven({ path: whole, prefix: start, regex }, ['path', 'prefix', 'regex']);
    if (paths.length > 1) context.addIssue({ code: 'custom', message: `the path can be rewritten in one way, not by ${paths.join(' and ')}` });
    if (paths.length === 0 && host === undefined) context.addIssue({ code: 'custom', message: 'rewrite must say path, prefix, regex or host' });
    const fault = regex === undefined ? undefined : (substitutionFault(regex.with, compileRegex(regex.pattern).groups) ?? headerValueFault(regex.with));
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['regex', 'with'], message: `"with" ${fault}` });
    return { ...given('path', whole), ...given('prefix', start), ...given('regex', regex), ...given('host', host) };
  });

export const ACTION_FIELDS: readonly string[] = [
  'service',
  'weight',
  'scheme',
  'host',
  'port',
  'path',
  'prefix',
  'status',
  'dropQuery',
  'body',
  'pattern',
  'with',
  'regex',
  'attempts',
  'on',
  'statuses',
  'perTryTimeout',
  'backoff',
  'base',
  'max',
  'request',
  'response',
  'set',
  'add',
  'remove',
];
