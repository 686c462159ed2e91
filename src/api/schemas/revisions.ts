import { z } from 'zod';
import { count, rollout, time } from './common.ts';

export const revisionsQuery = z.strictObject({
  limit: count('limit', 1, 1000).default(50),
  before: count('before', 1, Number.MAX_SAFE_INTEGER).optional().meta({ description: 'Only revisions below this one.' }),
});

const wish = z.record(z.string(), z.unknown());
const change = z.object({ id: z.string(), before: wish.nullable(), after: wish.nullable() });
const revision = z.object({ number: z.number(), time, author: z.string(), changes: z.array(change) }).meta({ id: 'Revision' });

export const revisionAnswers = {
  revision,
  revisionList: z.object({ revisions: z.array(revision), next: z.number().nullable() }),
  rollout,
};
