import { EnvoyageError } from '../../lib/errors.ts';
import type { RolloutPort } from '../ports.ts';
import { type RawBody, type Request, type Route, route } from '../route.ts';
import { answers, noQuery, waitQuery } from '../schemas.ts';
import type { Rollout } from '../types.ts';
import type { PushPort } from './ports.ts';
import { pushAnswers, pushBody, pushQuery } from './schemas.ts';

const PATH = '/api/v1/providers/push';
const TYPES = ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml'];

/** /api/v1/providers/push: whole sets of objects, each replaced as a whole, and gone when its time is over. */
export function pushRoutes(push: PushPort, rollout: RolloutPort): Route[] {
  const waited = async ({ query, signal }: Request<{ wait?: 'acked' | undefined; timeout: number }>, revision: number): Promise<{ rollout?: Rollout }> =>
    query.wait === undefined ? {} : { rollout: await rollout.rollout(revision, { timeout: query.timeout * 1000, signal }) };
  return [
    route({
      method: 'GET',
      path: PATH,
      operation: 'listPushes',
      summary: 'All that is pushed, and how long each of it stays.',
      query: noQuery,
      answers: { 200: { description: 'By name.', schema: pushAnswers.list } },
      problems: [],
      handle: () => ({ status: 200, body: { pushes: push.list() } }),
    }),
    route({
      method: 'GET',
      path: `${PATH}/{name}`,
      operation: 'getPush',
      summary: 'What is pushed under a name, and what became of it.',
      query: noQuery,
      answers: { 200: { description: 'As it is now.', schema: pushAnswers.status } },
      problems: [400, 404],
      handle: (request) => ({ status: 200, body: push.get(nameIn(request)) }),
    }),
    route({
      method: 'PUT',
      path: `${PATH}/{name}`,
      operation: 'putPush',
      summary: 'Replaces all that was pushed under a name. An object that is wrong is a problem, and keeps none of the others.',
      query: pushQuery,
      body: { schema: pushBody, types: TYPES, isRaw: true },
      answers: { 200: { description: 'What became of each object.', schema: pushAnswers.pushed } },
      problems: [400],
      handle: async (request) => {
        const { ttl, dryRun } = request.query;
        const answer = await push.put(nameIn(request), request.body as RawBody, ttl, request.author, dryRun === 'true');
        return { status: 200, body: { ...answer, ...(answer.dryRun ? {} : await waited(request, answer.revision)) } };
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/{name}/renew`,
      operation: 'renewPush',
      summary: 'Begins the time to live of what is pushed under a name anew.',
      query: noQuery,
      answers: { 200: { description: 'As it is now.', schema: pushAnswers.status } },
      problems: [400, 404],
      handle: (request) => ({ status: 200, body: push.renew(nameIn(request)) }),
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/{name}`,
      operation: 'deletePush',
      summary: 'Takes away all that was pushed under a name.',
      query: waitQuery,
      answers: { 200: { description: 'It is gone, on disk.', schema: answers.writtenRevision } },
      problems: [400, 404],
      handle: async (request) => {
        const { revision } = await push.remove(nameIn(request));
        return { status: 200, body: { revision, ...(await waited(request, revision)) } };
      },
    }),
  ];
}

/** It is part of the provider's name. */
function nameIn({ params }: Request<unknown>): string {
  const name = params['name'] ?? '';
  if (/^[a-z0-9]([a-z0-9-]{0,55}[a-z0-9])?$/.test(name)) return name;
  throw new EnvoyageError('invalid-request', 'the name of a push must be 1 to 57 lower-case letters, digits or hyphens', {
    hint: 'as in PUT /api/v1/providers/push/web',
  });
}
