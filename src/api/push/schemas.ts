import { z } from 'zod';
import { answers, dryRunQuery, time, waitQuery } from '../schemas.ts';

export const pushQuery = waitQuery.extend({
  ...dryRunQuery,
  ttl: z
    .string()
    .optional()
    .meta({ description: 'How long the objects stay unless they are pushed or renewed again; for good unless given.', examples: ['60s'] }),
});

/** For the document: what a body may look like is read by those who know documents. */
export const pushBody = z.unknown().meta({
  description:
    'A list of objects, `{"objects": […], "ttl": "60s"}`, or YAML documents with one object or a list each. An object may stand in `{"object": …, "origin": "web.yaml:1:1"}`.',
});

const problem = z.object({
  code: z.string(),
  object: z.string().optional(),
  origin: z.string().optional(),
  message: z.string(),
  hint: z.string().optional(),
});

const state = z.enum(['starting', 'ok', 'degraded', 'down', 'paused']);
const expiry = { ttl: z.number().optional(), expiresAt: time.optional() };
const problems = { problems: z.array(problem), problemCount: z.number() };

const status = z
  .object({
    name: z.string(),
    provider: z.string(),
    by: z.string(),
    at: time,
    ...expiry,
    state,
    declared: z.number(),
    inForce: z.number(),
    ...problems,
  })
  .meta({ id: 'Push' });

const result = z.object({ kind: z.string(), name: z.string(), result: z.enum(['created', 'changed', 'unchanged', 'deleted']) });

export const pushAnswers = {
  list: z.object({ pushes: z.array(status) }),
  status,
  pushed: z.object({
    name: z.string(),
    provider: z.string(),
    revision: z.number(),
    changed: z.boolean(),
    dryRun: z.boolean(),
    state,
    objects: z.array(result),
    ...problems,
    ...expiry,
    rollout: answers.rollout.optional(),
  }),
};
