import { z } from 'zod';

/** What the schemas of several concepts share. */

/** RFC 3339, UTC. */
export const time = z.string().meta({ format: 'date-time' });

/** In answers. */
export const counted = z.number().int();

/** What the registry adds to an object. */
export const storedFields = {
  revision: z.number(),
  createdAt: time,
  updatedAt: time,
  updatedBy: z.string(),
  origin: z.string().optional(),
  provider: z.string().optional(),
};

/** A number as a query writes it: nothing that JavaScript alone takes for one, such as an empty text or 0x10. */
export function numeric<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value), schema);
}

export function within(what: string, from: number, to: number) {
  const error = `${what} must be ${from} to ${to}`;
  return z.number({ error }).min(from, { error }).max(to, { error });
}

/** In queries. */
export const count = (what: string, from: number, to: number) => numeric(within(what, from, to).int({ error: `${what} must be a whole number` }));

export const noQuery = z.strictObject({});

export const waitQuery = z.strictObject({
  wait: z
    .enum(['acked'], { error: 'wait can only be "acked"' })
    .optional()
    .meta({ description: '`acked`: answer when every connected Envoy has, or the time is up.' }),
  timeout: numeric(within('timeout', 0, 300))
    .default(10)
    .meta({ description: 'Seconds to wait at most; fractions are allowed.' }),
});

export const dryRunQuery = {
  dryRun: z
    .enum(['true', 'false'], { error: 'dryRun can only be "true" or "false"' })
    .optional()
    .meta({ description: '`true`: everything is checked and the answer is as it would be, and nothing is changed.' }),
};

/** What every write takes. */
export const writeQuery = waitQuery.extend(dryRunQuery);

export const rollout = z
  .object({
    revision: z.number(),
    state: z.enum(['live', 'pending', 'rejected', 'no-envoys']),
    nodes: z.number(),
    acked: z.number(),
    pending: z.array(z.string()),
    rejected: z.array(z.object({ node: z.string(), type: z.string(), message: z.string() })),
    elapsedMs: z.number(),
  })
  .meta({ id: 'Rollout' });
