import { EnvoyageError } from '../lib/errors.ts';
import { DEFAULT_GROUP } from '../model/placement.ts';
import type { ApiPorts } from './ports.ts';
import { type Route, route } from './route.ts';
import { answers, dumpQuery } from './schemas.ts';

/** /api/v1/dump: the Envoy resources themselves. */
export function dumpRoutes({ dump }: ApiPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/dump',
      operation: 'dump',
      summary: 'The Envoy resources that an Envoy is given, or one of a group, without secrets.',
      query: dumpQuery,
      answers: { 200: { description: 'The resources, in the order in which they are sent.', schema: answers.dump } },
      problems: [400, 404],
      handle: async ({ query: { group, node, type } }) => {
        if (group !== undefined && node !== undefined) {
          throw new EnvoyageError('invalid-request', 'group and node were both given', { hint: 'leave one of them out: a node has a group' });
        }
        return { status: 200, body: await dump.dump(node === undefined ? { group: group ?? DEFAULT_GROUP } : { node }, type) };
      },
    }),
  ];
}
