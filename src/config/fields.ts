/** The kinds of values that options have. A fault is the rest of a sentence that begins with the option and its value. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { dnsNameFault, type HostPort, parseHostPort } from '../lib/address.ts';
import { groupSchema } from '../model/common-schema.ts';
import { parseGroupRule } from '../model/group-rule.ts';
import { parseCanary, parsePushLimit } from '../model/rollout-rule.ts';

/** @param lowestPort 0 where "any free port" makes sense (listening), 1 where it does not (connecting) */
export function address(lowestPort: 0 | 1) {
  return z.string({ error: 'must be HOST:PORT' }).transform((value, context): HostPort => {
    try {
      return parseHostPort(value, lowestPort);
    } catch (thrown) {
      context.addIssue({ code: 'custom', message: (thrown as Error).message });
      return z.NEVER;
    }
  });
}

/** One address to connect to or several, without repetitions. */
export const addresses = z
  .preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(address(1), { error: 'must be HOST:PORT, or a list of them' }))
  .default([])
  .transform((all): readonly HostPort[] => all.filter(({ host, port }, i) => i === all.findIndex((other) => other.host === host && other.port === port)));

/** In their order, which counts. */
export const groupRules = z
  .array(
    z.string({ error: 'must be a rule, as in edge=id:edge-*' }).transform((text, context) => {
      try {
        return parseGroupRule(text);
      } catch (thrown) {
        context.addIssue({ code: 'custom', message: (thrown as Error).message });
        return z.NEVER;
      }
    }),
    { error: 'must be a list of rules, as in [edge=id:edge-*, lab=metadata:role=lab]' },
  )
  .max(1000, { error: 'has more than 1000 rules' })
  .default([]);

export const hostName = z
  .string({ error: 'must be a host name' })
  .toLowerCase()
  .superRefine((name, context) => {
    const fault = isIP(name) === 0 ? dnsNameFault(name) : undefined;
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

export const ipAddress = z.string({ error: 'must be an IP address' }).refine((text) => isIP(text) !== 0, { error: 'must be an IP address' });

/** `GROUP=PATTERN`; `*` for any group. Patterns match names in certificates, so they have none of the characters that those lack. */
export const clientGroup = z.string({ error: 'must be GROUP=PATTERN' }).superRefine((text, context) => {
  const equals = text.indexOf('=');
  const group = text.slice(0, Math.max(equals, 0));
  if (equals < 0) context.addIssue({ code: 'custom', message: 'lacks a group: write GROUP=PATTERN, as in edge=*.edge.example.com' });
  else if (group !== '*' && !groupSchema.safeParse(group).success) context.addIssue({ code: 'custom', message: 'begins with something that is no group' });
  else if (!/^[!-+\--[\]-~]+$/.test(text.slice(equals + 1))) context.addIssue({ code: 'custom', message: 'has a pattern that is empty, or has spaces in it' });
});

export const path = z.string({ error: 'must be a path' }).min(1, { error: 'is empty' });

export const flag = z.boolean({ error: 'must be true or false' });

export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

export function wholeNumber(least: number, most: number, unit: string) {
  const error = `must be a whole number of ${unit} from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

export const share = z.number({ error: 'must be a number from 0 to 1' }).min(0, { error: 'must be a number from 0 to 1' }).max(1, {
  error: 'must be a number from 0 to 1',
});

/** Of a receiver: credentials in it would show up in every log. */
export const url = z.string({ error: 'must be a URL' }).superRefine((text, context) => {
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    context.addIssue({ code: 'custom', message: 'must be an http or https URL, as in http://127.0.0.1:4318' });
  else if (parsed.username !== '' || parsed.password !== '') context.addIssue({ code: 'custom', message: 'must not hold a user or a password' });
  else if (parsed.search !== '' || parsed.hash !== '') context.addIssue({ code: 'custom', message: 'must end with its path' });
});

export const DEFAULT_LISTENER: HostPort = { host: '127.0.0.1', port: 10000 };

/** Envoy resolves no names for the addresses that it listens on. */
const listenerAddress = address(0).refine(({ host }) => isIP(host) !== 0, { error: 'must have an IP address as its host, as in 0.0.0.0:80' });

/**
 * Addresses by group, always with `default`. Groups are names that Envoys choose, so the map has no prototype: else
 * `constructor` would seem to have a listener.
 */
export const listeners = z
  .record(groupSchema, listenerAddress, { error: 'must be a map from groups to addresses, as in {default: 127.0.0.1:10000, edge: 0.0.0.0:80}' })
  .default({})
  .transform(
    (given): Readonly<Record<string, HostPort>> => Object.assign(Object.create(null) as Record<string, HostPort>, { default: DEFAULT_LISTENER }, given),
  );

/** Groups, and `*` for all of them. */
export const onDemandGroups = z.array(z.literal('*').or(groupSchema), { error: 'must be a list of groups, as in [edge]' }).default([]);

/** Texts that `parse` takes, and whose group is one. */
function rules(parse: (text: string) => { readonly group: string | undefined }, error: string) {
  const rule = z
    .preprocess((given) => (typeof given === 'number' ? String(given) : given), z.string({ error }))
    .superRefine((text, context) => {
      try {
        const { group } = parse(text);
        if (group !== undefined && !groupSchema.safeParse(group).success)
          context.addIssue({ code: 'custom', message: 'begins with something that is no group' });
      } catch (thrown) {
        context.addIssue({ code: 'custom', message: (thrown as Error).message });
      }
    });
  return z.array(rule, { error }).default([]);
}

export const canaryRules = rules(parseCanary, 'must be a list of [GROUP=]N, as in [edge=1, lab=10%]');
export const pushLimits = rules(parsePushLimit, 'must be a list of [GROUP=]N, as in [20, edge=5]');

/** A schema of its own for each option, since what is said about an option goes by its schema. */
export const files = () => z.array(path, { error: 'must be a list of paths' }).default([]);

export const providerNames = z
  .array(
    z
      .string({ error: 'must be the name of a provider' })
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'is no name of a provider: lower-case letters, digits and hyphens' }),
    {
      error: 'must be a list of names, as in [docker, file]',
    },
  )
  .default([]);
