import { z } from 'zod';
import { groupSchema } from '../../model/common-schema.ts';

export const dumpQuery = z.strictObject({
  group: groupSchema.optional().meta({ description: 'What an Envoy of this group is given; `default` unless given.' }),
  node: z.string().optional().meta({ description: 'What this Envoy is given.' }),
  type: z
    .string()
    .optional()
    .meta({ description: 'Only resources of this type: `cds`, `lds`, … or a type URL.', examples: ['cds'] }),
});

const dumped = z.object({ name: z.string(), type: z.string(), version: z.string(), resource: z.record(z.string(), z.unknown()) });

const dump = z
  .object({ group: z.string(), node: z.string().optional(), connected: z.boolean(), revision: z.number(), resources: z.array(dumped) })
  .meta({ id: 'Dump' });

export const dumpAnswers = {
  dump,
};
