import { EnvoyageError } from '../lib/errors.ts';
import { parseOrThrow } from '../model/validation.ts';
import type { ApiPorts, GroupsPort } from './ports.ts';
import { within } from './quarantine.ts';
import { type Request, type Route, route } from './route.ts';
import { answers, groupBody, nodesQuery, waitQuery } from './schemas.ts';
import type { NodeGroup } from './types.ts';

/** /api/v1/nodes: the Envoys, and which group each is in. */
export function nodeRoutes({ services, rollout, safety, groups, guard }: ApiPorts): Route[] {
  const answered = async (node: string, request: Request<{ wait?: 'acked' | undefined; timeout: number }>): Promise<{ status: 200; body: NodeGroup }> => {
    const { wait, timeout } = request.query;
    const progress = wait === undefined ? undefined : await groups.arrival(node, { timeout: timeout * 1000, signal: request.signal });
    const placement = groups.of(node)?.placement ?? null;
    const group = placement?.group ?? null;
    return { status: 200, body: { node, group, placement, revision: services.revision, ...(progress === undefined ? {} : { rollout: progress }) } };
  };

  return [
    route({
      method: 'GET',
      path: '/api/v1/nodes',
      operation: 'listNodes',
      summary: 'Every Envoy: its group, what it holds, whether it is in sync, and what it refused.',
      query: nodesQuery,
      answers: {
        200: {
          description: 'The Envoys connected now, those seen before, who was moved, seen or not, and who was turned away lately.',
          schema: answers.nodeList,
        },
      },
      problems: [],
      handle: ({ query: { group } }) => {
        const here = (of: { readonly group: string }): boolean => group === undefined || of.group === group;
        const body = { nodes: rollout.nodes().filter(here), moved: groups.moved().filter(here), refused: guard.refused() };
        return { status: 200, body: { ...body, ...within(safety.report(), group), revision: services.revision } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/nodes/{id}/group',
      operation: 'getNodeGroup',
      summary: 'The group of an Envoy, why it is in that one, and whether it holds what the group does.',
      query: waitQuery,
      answers: { 200: { description: 'Its group now, or after waiting.', schema: answers.nodeGroup } },
      problems: [404],
      handle: (request) => answered(find(groups, request.params['id'] ?? ''), request),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/nodes/{id}/group',
      operation: 'moveNode',
      summary: 'Moves an Envoy into a group, whatever it or a rule says, until that is undone.',
      query: waitQuery,
      body: { schema: groupBody, types: ['application/json'] },
      answers: { 200: { description: 'It is on disk; the Envoy comes back for what the group holds.', schema: answers.nodeGroup } },
      problems: [400, 404],
      handle: (request) => {
        const { group } = parseOrThrow(groupBody, request.body, ['group']);
        const node = find(groups, request.params['id'] ?? '');
        groups.move(node, group, request.author);
        return answered(node, request);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/nodes/{id}/group',
      operation: 'unmoveNode',
      summary: 'Undoes the move of an Envoy: it goes back to its own group.',
      query: waitQuery,
      answers: { 200: { description: 'It is undone, on disk; there is nothing to undo where it was not moved.', schema: answers.nodeGroup } },
      problems: [404],
      handle: (request) => {
        const node = find(groups, request.params['id'] ?? '');
        groups.undo(node, request.author);
        return answered(node, request);
      },
    }),
  ];
}

function find(groups: GroupsPort, node: string): string {
  if (groups.of(node) !== undefined) return node;
  throw new EnvoyageError('node-not-found', `no Envoy called "${node.slice(0, 253)}" has been here since Envoyage started`, { hint: 'envoyage status' });
}
