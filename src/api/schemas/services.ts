import { z } from 'zod';
import { idSchema, LIMITS, readOnlyFields, serviceSchema } from '../../model/service.ts';
import { servicePatch, serviceShape } from '../service-shape.ts';
import { rollout, storedFields } from './common.ts';

/** POST: one service or a list of them. The list is checked item by item, so that faults name their place. */
export const postBody = z.union([serviceSchema, z.array(serviceSchema).min(1).max(LIMITS.servicesPerRequest)]);

/** PATCH: a JSON merge patch (RFC 7396). What it leads to is checked as a whole; this is for the document. */
export const patchBody = z
  .strictObject({
    id: idSchema.nullable().optional().meta({ description: 'That of the URL: a service cannot be renamed.' }),
    ...servicePatch,
    ...readOnlyFields,
  })
  .meta({ id: 'ServicePatch', description: 'A JSON merge patch: what is left out stays, null takes away.' });

const storedService = serviceShape.extend(storedFields).meta({ id: 'StoredService' });

export const serviceAnswers = {
  serviceList: z.object({ services: z.array(storedService), revision: z.number() }),
  storedService,
  writtenService: storedService.extend({ rollout: rollout.optional() }),
  writtenServices: z.object({ services: z.array(storedService), revision: z.number(), rollout: rollout.optional() }),
  writtenRevision: z.object({ revision: z.number(), rollout: rollout.optional() }),
};
