import { EnvoyageError } from '../lib/errors.ts';
import type { ApiPorts } from './ports.ts';
import { type Route, route } from './route.ts';
import { answers, noQuery, revisionsQuery, waitQuery } from './schemas.ts';

/** Nodes, revisions and the daemon itself: what is there, without a way to change it. */
export function fleetRoutes({ services, rollout, guard, info }: ApiPorts): Route[] {
  const revision = (text: string): number => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
    if (number < 1 || number > services.revision) {
      throw new EnvoyageError('revision-not-found', `there is no revision "${text.slice(0, 40)}"; the newest is ${services.revision}`, {
        hint: 'GET /api/v1/revisions lists them',
      });
    }
    return number;
  };

  return [
    route({
      method: 'GET',
      path: '/api/v1/nodes',
      operation: 'listNodes',
      summary: 'Every Envoy: its group, what it holds, whether it is in sync, and what it refused.',
      query: noQuery,
      answers: { 200: { description: 'The Envoys connected now, those seen before, and who was turned away lately.', schema: answers.nodeList } },
      problems: [],
      handle: () => ({ status: 200, body: { nodes: rollout.nodes(), refused: guard.refused(), revision: services.revision } }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/revisions',
      operation: 'listRevisions',
      summary: 'The accepted changes, newest first.',
      query: revisionsQuery,
      answers: { 200: { description: 'One page of them.', schema: answers.revisionList } },
      problems: [400],
      handle: ({ query: { limit, before } }) => {
        const revisions = services.revisions({ limit, before });
        const last = revisions.at(-1)?.number ?? 1;
        return { status: 200, body: { revisions, next: revisions.length === limit && last > 1 ? last : null } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/revisions/{number}',
      operation: 'getRevision',
      summary: 'One accepted change.',
      query: noQuery,
      answers: { 200: { description: 'The change.', schema: answers.revision } },
      problems: [404],
      handle: ({ params }) => {
        const number = revision(params['number'] ?? '');
        const found = services.revisionAt(number);
        if (found === undefined)
          throw new EnvoyageError('revision-not-found', `revision ${number} is too old to be known`, { hint: 'GET /api/v1/revisions lists those that are' });
        return { status: 200, body: found };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/revisions/{number}/rollout',
      operation: 'getRollout',
      summary: 'How far a revision has come over the Envoys.',
      query: waitQuery,
      answers: { 200: { description: 'Its state now, or after waiting.', schema: answers.rollout } },
      problems: [404],
      handle: async ({ params, query, signal }) => {
        const number = revision(params['number'] ?? '');
        return { status: 200, body: await rollout.rollout(number, query.wait === undefined ? undefined : { timeout: query.timeout * 1000, signal }) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/daemon',
      operation: 'getDaemon',
      summary: 'The daemon: its version, its addresses, what Envoys are told to listen on.',
      query: noQuery,
      answers: { 200: { description: 'The daemon.', schema: answers.daemon } },
      problems: [],
      handle: () => ({ status: 200, body: info() }),
    }),
  ];
}
