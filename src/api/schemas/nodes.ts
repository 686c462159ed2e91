import { z } from 'zod';
import { groupSchema } from '../../model/common-schema.ts';
import { rollout, time } from './common.ts';
import { safety } from './safety.ts';

export const nodesQuery = z.strictObject({
  group: z.string().optional().meta({ description: 'Only Envoys of this group.' }),
});

/** PUT of the group of a node. */
export const groupBody = z
  .strictObject(
    { group: groupSchema },
    { error: (issue) => (issue.code === 'invalid_type' ? 'the body must be an object, as in {"group":"edge"}' : undefined) },
  )
  .meta({ id: 'GroupOfNode' });

const nodeType = z.object({
  type: z.string(),
  sentVersion: z.string(),
  ackedVersion: z.string(),
  sent: z.number(),
  acked: z.number(),
  rejected: z.number(),
  rejection: z.object({ version: z.string(), message: z.string(), at: time, objects: z.array(z.string()).optional() }).optional(),
});

const placement = z
  .object({
    group: z.string(),
    from: z.enum(['move', 'rule', 'cluster', 'identity', 'default']),
    rule: z.string().optional(),
    at: time.optional(),
    by: z.string().optional(),
  })
  .meta({ id: 'Placement' });

const move = z.object({ node: z.string(), group: z.string(), at: time, by: z.string() });

const node = z
  .object({
    id: z.string(),
    group: z.string(),
    placement,
    state: z.enum(['in-sync', 'behind', 'rejected', 'gone']),
    connected: z.boolean(),
    agent: z.string(),
    address: z.string(),
    streams: z.number(),
    variant: z.enum(['delta', 'sotw', 'mixed', 'none']),
    connectedAt: time,
    lastAnswerAt: time.nullable(),
    revision: z.number(),
    types: z.array(nodeType),
  })
  .meta({ id: 'Node' });

const refusedClient = z.object({ address: z.string(), reason: z.string(), count: z.number(), at: time }).meta({ id: 'RefusedClient' });

export const nodeAnswers = {
  nodeList: z.object({ nodes: z.array(node), moved: z.array(move), refused: z.array(refusedClient), ...safety, revision: z.number() }),
  nodeGroup: z.object({
    node: z.string(),
    group: z.string().nullable(),
    placement: placement.nullable(),
    revision: z.number(),
    rollout: rollout.optional(),
  }),
};
