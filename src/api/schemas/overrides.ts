import { z } from 'zod';
import { durationSchema } from '../../model/duration-schema.ts';
import { ENDPOINT_LIMITS, parseEndpoint } from '../../model/endpoint.ts';
import { whole } from '../../model/forms.ts';
import { text } from '../../model/text-schema.ts';
import { counted, rollout, time } from './common.ts';

/** The schemas of what people lay over what providers declare. */

const REASON = 'the reason must be 1 to 500 characters on one line';
const endpointText = text('the endpoint', parseEndpoint, '10.0.0.1:80').meta({ description: 'As the service has it: `ADDRESS:PORT` or `NAME:PORT`.' });

const overrideFields = {
  endpoint: endpointText.optional(),
  weight: whole('the weight', 1, ENDPOINT_LIMITS.weight).optional(),
  state: z
    .enum(['healthy', 'draining', 'disabled'], { error: 'the state must be one of healthy, draining, disabled' })
    .optional()
    .meta({ description: '`draining`: no new requests; `disabled`: as if it were not there; `healthy`: neither, whatever the provider says.' }),
  ttl: durationSchema('the ttl', { least: 1000 })
    .optional()
    .meta({ description: 'After this time it ends by itself; for ever unless given.', examples: ['1h'] }),
  reason: z
    .string({ error: 'the reason must be a string' })
    .min(1, { error: REASON })
    .max(500, { error: REASON })
    .refine((text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text), { error: REASON })
    .optional()
    .meta({ description: 'Why, for those who find it later.' }),
};

export const OVERRIDE_FIELDS: readonly string[] = Object.keys(overrideFields);

/** PUT of an override. */
export const overrideBody = z
  .strictObject(overrideFields, {
    error: (issue) =>
      issue.code === 'invalid_type' ? 'the body must be an object, as in {"endpoint":"10.0.0.1:80","state":"draining","ttl":"1h"}' : undefined,
  })
  .refine(({ weight, state }) => weight !== undefined || state !== undefined, {
    error: 'an override must say a weight or a state, as in {"state":"draining"}',
  })
  .meta({ id: 'OverrideBody' });

export const clearQuery = z.strictObject({
  endpoint: endpointText.optional().meta({ description: 'The one for this endpoint; all of the service unless given.' }),
});

const override = z
  .object({
    service: z.string(),
    endpoint: z.string().optional(),
    weight: counted.optional(),
    state: z.enum(['healthy', 'draining', 'disabled']).optional(),
    by: z.string(),
    reason: z.string().optional(),
    at: time,
    until: time.optional(),
  })
  .meta({ id: 'Override' });

const laid = override
  .extend({
    provider: z.string().optional(),
    inForce: z
      .boolean()
      .meta({ description: 'False where it waits: the service or the endpoint is not there now, or the provider has not spoken since the start.' }),
  })
  .meta({ id: 'LaidOverride' });

export const overrideAnswers = {
  list: z.object({ overrides: z.array(laid), revision: z.number() }),
  written: z.object({ override: laid, revision: z.number(), rollout: rollout.optional() }),
  cleared: z.object({ cleared: z.array(override), revision: z.number(), rollout: rollout.optional() }),
};
