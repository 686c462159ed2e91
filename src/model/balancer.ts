import { z } from 'zod';
import { durationSchema } from './duration-schema.ts';
import { orNothing, said, wholeNumber } from './words.ts';

export const BALANCERS = ['round-robin', 'least-request', 'random', 'ring-hash', 'maglev'] as const;

/** Which endpoint takes a request. */
export interface Balancer {
  /** round-robin unless given. */
  readonly policy?: Exclude<(typeof BALANCERS)[number], 'round-robin'>;
  /** ring-hash and maglev: requests that have this in common go to the same endpoint. */
  readonly hashOn?: HashOn;
  /** Where fewer of a hundred endpoints are healthy, requests go to all of them (Envoy's panic); 50 unless given, 0 for never. */
  readonly panic?: number;
  /** round-robin and least-request: for how long an endpoint that is new, or well again, gets more and more requests before its full share. */
  readonly slowStart?: string;
}

export type HashOn =
  | { readonly header: string }
  /** With `ttl` Envoy gives one to who has none, for that long; 0s until the client ends. */
  | { readonly cookie: string; readonly ttl?: string }
  | { readonly sourceIp: true };

/** Envoy's own (config.cluster.v3.Cluster.CommonLbConfig.healthy_panic_threshold). */
const DEFAULT_PANIC = 50;

/** RFC 9110 §5.6.2: what names of headers and cookies are made of. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;

const token = (what: string) => z.string({ error: `${what} must be a string` }).regex(TOKEN, { error: `${what} must be 1 to 256 characters without spaces` });

const hashOnFields = {
  header: token('the header')
    .transform((name) => name.toLowerCase())
    .optional()
    .meta({ description: 'Requests with the same value of it.' }),
  cookie: token('the cookie').optional().meta({ description: 'Requests with the same value of it.' }),
  ttl: durationSchema('the ttl', { least: 0 })
    .optional()
    .meta({ description: 'cookie: Envoy gives one to who has none, for this long; 0 until the client ends.' }),
  sourceIp: z.literal(true, { error: 'sourceIp can only be true' }).optional().meta({ description: 'Requests of the same address.' }),
};

const hashOnSchema = z
  .strictObject(hashOnFields, { error: (issue) => (issue.code === 'invalid_type' ? 'hashOn must be an object, as in {"header":"x-user"}' : undefined) })
  .transform(({ header, cookie, ttl, sourceIp }, context): HashOn => {
    const refuse = (path: string[], message: string): never => {
      context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    };
    if ([header, cookie, sourceIp].filter((each) => each !== undefined).length !== 1)
      return refuse([], 'hashOn must have exactly one of header, cookie and sourceIp');
    if (ttl !== undefined && cookie === undefined) return refuse(['ttl'], 'ttl is for cookies');
    if (header !== undefined) return { header };
    if (cookie !== undefined) return { cookie, ...(ttl === undefined ? {} : { ttl }) };
    return { sourceIp: true };
  });

const policySchema = z.enum(BALANCERS, { error: `the balancer must be one of ${BALANCERS.join(', ')}` });

const balancerFields = {
  policy: policySchema.optional(),
  hashOn: hashOnSchema.optional(),
  panic: wholeNumber('panic', 0, 100, ', the healthy share in percent').optional().meta({
    description: 'Where less than this share (in percent) is healthy, requests go to all; 50 unless given, 0 for never.',
  }),
  slowStart: durationSchema('slowStart')
    .optional()
    .meta({ description: 'round-robin, least-request: for how long an endpoint that is new gets more and more requests before its full share.' }),
};

export const BALANCER_FIELDS: readonly string[] = [...Object.keys(balancerFields), ...Object.keys(hashOnFields)];

const balancerObject = z.strictObject(balancerFields);

/** A policy alone may be said as a word. Undefined where it says nothing but what holds anyway. */
export const balancerSchema = z
  .union([policySchema, balancerObject], {
    error: `the balancer must be one of ${BALANCERS.join(', ')}, or an object, as in {"policy":"ring-hash","hashOn":{"header":"x-user"}}`,
  })
  .transform((value, context): Balancer | undefined => {
    const { policy = 'round-robin', hashOn, panic = DEFAULT_PANIC, slowStart } = typeof value === 'string' ? { policy: value } : value;
    const hashes = policy === 'ring-hash' || policy === 'maglev';
    if (hashes && hashOn === undefined)
      context.addIssue({ code: 'custom', path: [], message: `${policy} needs hashOn, as in {"policy":"${policy}","hashOn":{"header":"x-user"}}` });
    if (!hashes && hashOn !== undefined)
      context.addIssue({ code: 'custom', path: ['hashOn'], message: `hashOn is for ring-hash and maglev, not for ${policy}` });
    if (slowStart !== undefined && policy !== 'round-robin' && policy !== 'least-request')
      context.addIssue({ code: 'custom', path: ['slowStart'], message: `slowStart is for round-robin and least-request, not for ${policy}` });
    return orNothing(
      said<Balancer>({ policy: policy === 'round-robin' ? undefined : policy, hashOn, panic: panic === DEFAULT_PANIC ? undefined : panic, slowStart }),
    );
  });
