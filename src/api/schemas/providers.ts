import { z } from 'zod';
import { KINDS } from '../../model/kinds.ts';
import { count, counted, rollout, time } from './common.ts';

/** The schemas of what is asked and answered about providers. */

const MOST_LISTED = 10_000;

export const detailQuery = z.strictObject({
  limit: count('limit', 1, MOST_LISTED).default(1000).meta({ description: 'How many problems, and how many keys, are listed at most.' }),
  offset: count('offset', 0, Number.MAX_SAFE_INTEGER).default(0).meta({ description: 'How many of both to pass over.' }),
});

const problem = z
  .object({ code: z.string(), object: z.string().optional(), origin: z.string().optional(), message: z.string(), hint: z.string().optional() })
  .meta({ id: 'ProviderProblem', description: 'What is wrong with one object of a provider, or with a part of its source.' });

const partState = z.enum(['ok', 'degraded', 'down']);

const status = z
  .object({
    name: z.string(),
    source: z.string(),
    state: z.enum(['starting', 'ok', 'degraded', 'down', 'paused']),
    message: z.string().optional(),
    since: time,
    syncedAt: time.optional(),
    revision: counted.optional().meta({ description: 'The revision that it made last.' }),
    objects: z.partialRecord(z.enum(KINDS), counted),
    problems: z.array(problem),
    problemCount: counted,
    parts: z.array(z.object({ name: z.string(), state: partState, message: z.string().optional() })).optional(),
    paused: z.object({ by: z.string(), at: time }).optional(),
    counts: z.object({ published: counted, changed: counted, failed: counted }),
  })
  .meta({ id: 'Provider' });

export const providerAnswers = {
  list: z.object({ providers: z.array(status), overrides: counted, revision: z.number() }),
  detail: z.object({ provider: status, keys: z.array(z.string()), next: counted.nullable(), revision: z.number() }),
  done: z.object({ provider: status, synced: z.boolean().optional(), revision: z.number(), rollout: rollout.optional() }),
};
