import { z } from 'zod';
import { LIMITS } from '../../model/service.ts';
import { answers, storedFields, writeQuery } from '../schemas.ts';

/** The schemas of what is asked and answered about objects of any kind; the vocabulary itself is at /api/v1/schema. */

export const applyQuery = writeQuery.extend({
  envoy: z
    .enum(['true', 'false'], { error: 'envoy must be true or false' })
    .optional()
    .meta({ description: '`true`: a real Envoy is asked first, where one is at hand on the machine of the daemon; nothing is changed where it refuses.' }),
});

export const objectsQuery = z.strictObject({
  kind: z.string().optional().meta({ description: 'Only objects of this kind.' }),
  label: z.string().optional().meta({ description: 'Only objects with these labels, as in `team=web,tier=edge`.' }),
  group: z.string().optional().meta({ description: 'Only objects that Envoys of this group get.' }),
});

export const objectBody = z
  .looseObject({})
  .meta({ id: 'Object', description: 'An object as people declare it: GET /api/v1/schema has the schema of each kind.' });

export const applyBody = z
  .strictObject(
    {
      objects: z
        .array(
          z.strictObject(
            {
              object: z.unknown().meta({ description: 'The object: GET /api/v1/schema has the schema of each kind.' }),
              origin: z
                .string({ error: 'the origin must be a string' })
                .max(1024, { error: 'the origin must be at most 1024 characters' })
                .optional()
                .meta({ description: 'Where it was said, as in `services.yaml:12:1`; errors name it.' }),
            },
            {
              error: (issue) =>
                issue.code === 'invalid_type' ? 'must be an object, as in {"object":{"kind":"Service",…},"origin":"web.yaml:1:1"}' : undefined,
            },
          ),
          { error: 'objects must be a list' },
        )
        .max(LIMITS.servicesPerRequest, { error: `objects must have at most ${LIMITS.servicesPerRequest}` }),
      prune: z
        .record(z.string(), z.string({ error: 'the value of a label must be a string' }), { error: 'prune must be a map of labels, as in {"team":"web"}' })
        .refine((labels) => Object.keys(labels).length > 0, { error: 'prune must name at least one label' })
        .optional()
        .meta({ description: 'Objects with these labels that are not in the list are deleted.' }),
      dryRun: z.boolean({ error: 'dryRun must be true or false' }).optional(),
      envoy: z.boolean({ error: 'envoy must be true or false' }).optional().meta({ description: 'As `envoy` in the query.' }),
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'the body must be an object, as in {"objects":[{"object":{"kind":"Service",…}}]}' : undefined) },
  )
  .meta({ id: 'Apply' });

export const rollbackBody = z
  .strictObject(
    { revision: z.int({ error: 'revision must be the number of a revision' }).min(0, { error: 'revision must be 0 or more' }) },
    { error: (issue) => (issue.code === 'invalid_type' ? 'the body must be an object, as in {"revision":12}' : undefined) },
  )
  .meta({ id: 'Rollback' });

const document = z.looseObject({ kind: z.string(), name: z.string() });
const object = z.looseObject({ kind: z.string(), name: z.string(), ...storedFields }).meta({ id: 'StoredObject' });

const rollout = answers.rollout.optional();

const verdict = z.object({
  group: z.string(),
  outcome: z.enum(['accepted', 'rejected', 'unknown']),
  envoy: z.string().optional(),
  message: z.string().optional(),
  resource: z.string().optional(),
  reason: z.string().optional(),
});

export const objectAnswers = {
  list: z.object({ objects: z.array(object), revision: z.number() }),
  object,
  written: z.looseObject({ ...object.shape, rollout }),
  deleted: answers.writtenRevision,
  applied: z.object({
    revision: z.number(),
    changed: z.boolean(),
    dryRun: z.boolean(),
    objects: z.array(
      z.object({
        kind: z.string(),
        name: z.string(),
        result: z.enum(['created', 'changed', 'unchanged', 'deleted']),
        before: document.optional(),
        after: document.optional(),
      }),
    ),
    envoy: z.array(verdict).optional(),
    rollout,
  }),
  schema: z.looseObject({ $schema: z.string() }),
};
