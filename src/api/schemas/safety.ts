import { z } from 'zod';
import { time } from './common.ts';

export const quarantineQuery = z.strictObject({
  group: z.string().optional().meta({ description: 'Only in this group.' }),
});

const quarantined = z
  .object({
    key: z.string(),
    group: z.string(),
    type: z.string(),
    message: z.string(),
    node: z.string(),
    revision: z.number(),
    good: z.number().nullable(),
    since: time,
    origin: z.string().optional(),
  })
  .meta({ id: 'Quarantined', description: 'An object that Envoys refused, parked until it changes.' });

/** What is kept from Envoys, or was taken back from them. */
export const safety = {
  quarantined: z.array(quarantined),
  canaries: z.array(
    z.object({
      group: z.string(),
      nodes: z.array(z.object({ id: z.string(), state: z.enum(['in-sync', 'waiting', 'stalled']), since: time.optional() })),
      waiting: z.number(),
    }),
  ),
  rollbacks: z.array(
    z.object({
      revision: z.number(),
      by: z.number().nullable(),
      fault: z.string().optional(),
      group: z.string(),
      refused: z.number(),
      nodes: z.number(),
      message: z.string(),
      at: time,
    }),
  ),
};

export const safetyAnswers = {
  quarantine: z.object({ ...safety, revision: z.number() }),
};
