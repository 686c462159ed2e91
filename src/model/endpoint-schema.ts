import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { addressOf, ENDPOINT_LIMITS, type Endpoint, parseEndpoint } from './endpoint.ts';
import { text } from './text-schema.ts';
import { wholeNumber } from './words.ts';

export const MOST_ENDPOINTS = 1000;

const addressSchema = text('the endpoint', parseEndpoint).meta({
  description: '`NAME:PORT`, resolved by Envoy through DNS, or `ADDRESS:PORT`.',
  examples: ['web-a:5678'],
});

const STATES = ['healthy', 'unhealthy', 'draining', 'disabled'] as const;
const ZONE = /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,61}[A-Za-z0-9_])?$/;

const endpointFields = {
  address: addressSchema,
  weight: wholeNumber('the weight of an endpoint', 1, ENDPOINT_LIMITS.weight, '; state: disabled takes one out')
    .optional()
    .meta({ description: 'Its share of the sum over all that take requests; 1 unless given.' }),
  zone: z
    .string({ error: 'the zone must be a string' })
    .regex(ZONE, { error: `the zone must be 1 to ${ENDPOINT_LIMITS.zone} letters, digits, dots, hyphens or underscores` })
    .optional()
    .meta({ description: 'The part of the network that it is in.' }),
  priority: wholeNumber('the priority of an endpoint', 0, ENDPOINT_LIMITS.priority)
    .optional()
    .meta({ description: 'Those of the lowest number take all requests as long as enough of them are healthy; 0 unless given.' }),
  state: z
    .enum(STATES, { error: `the state must be one of ${STATES.join(', ')}` })
    .optional()
    .meta({ description: '`unhealthy`: known not to be well; `draining`: no new requests; `disabled`: as if it were not there.' }),
};

export const ENDPOINT_FIELDS: readonly string[] = Object.keys(endpointFields);

const endpointObject = z.strictObject(endpointFields).transform(({ address, weight = 1, zone, priority = 0, state = 'healthy' }): string | Endpoint => {
  const words = {
    ...(weight === 1 ? {} : { weight }),
    ...(zone === undefined ? {} : { zone }),
    ...(priority === 0 ? {} : { priority }),
    ...(state === 'healthy' ? {} : { state }),
  };
  return Object.keys(words).length === 0 ? address : { address, ...words };
});

export const endpointSchema = z.union([addressSchema, endpointObject], {
  error: 'the endpoint must be a string, as in "web-a:5678", or an object, as in {"address":"web-a:5678","weight":2}',
});

/** In the order given, each one once. */
export const endpointsSchema = z
  .array(endpointSchema, { error: 'endpoints must be a list, as in ["web-a:5678"]' })
  .min(1, { error: 'endpoints must name at least one, as in ["web-a:5678"]' })
  .max(MOST_ENDPOINTS, { error: `endpoints must name at most ${MOST_ENDPOINTS}` })
  .transform((endpoints, context): readonly (string | Endpoint)[] => {
    const byAddress = new Map<string, string | Endpoint>();
    endpoints.forEach((endpoint, i) => {
      const address = addressOf(endpoint);
      const twin = byAddress.get(address);
      if (twin === undefined) byAddress.set(address, endpoint);
      else if (!isDeepStrictEqual(twin, endpoint))
        context.addIssue({ code: 'custom', path: [i], message: `the endpoint "${address}" is there already, and said to be different` });
    });
    return [...byAddress.values()];
  });
