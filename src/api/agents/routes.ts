import { EnvoyageError } from '../../lib/errors.ts';
import { agentNameFault } from '../../model/agent-name.ts';
import { parseOrThrow } from '../../model/validation.ts';
import { type Request, type Route, route } from '../route.ts';
import { noQuery } from '../schemas.ts';
import type { AgentsPort } from './ports.ts';
import { agentAnswers, agentBody, leaseBody, leaveQuery, MOST_AGENT_BYTES } from './schemas.ts';

const FIELDS = Object.keys(agentBody.shape);
const JSON_TYPE = 'application/json';

/** /api/v1/agents: the hosts that tell of their containers. @param agents undefined where the daemon takes none */
export function agentRoutes(agents: AgentsPort | undefined): Route[] {
  const taken = (): AgentsPort => {
    if (agents !== undefined) return agents;
    throw new EnvoyageError('agent-refused', 'this daemon takes no agents', { hint: 'envoyage serve --agents …, or --agent-token-file FILE' });
  };
  return [
    route({
      method: 'GET',
      path: '/api/v1/agents',
      operation: 'listAgents',
      summary: 'The hosts that have an agent, and how long each lease runs.',
      query: noQuery,
      answers: { 200: { description: 'By name.', schema: agentAnswers.list } },
      problems: [],
      handle: () => ({ status: 200, body: { agents: agents?.list() ?? [] } }),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/agents/{name}',
      operation: 'putAgent',
      summary: 'Replaces all that is known of a host, and begins its lease anew.',
      query: noQuery,
      body: { schema: agentBody, types: [JSON_TYPE], mostBytes: MOST_AGENT_BYTES },
      answers: { 200: { description: 'It is on disk.', schema: agentAnswers.answer } },
      problems: [400, 403, 409],
      handle: (request) => {
        const body = parseOrThrow(agentBody, request.body, FIELDS);
        return { status: 200, body: taken().put(nameIn(request), body, peerOf(request)) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/agents/{name}/lease',
      operation: 'renewAgent',
      summary: 'Begins the lease of a host anew, and says whether its state is known.',
      query: noQuery,
      body: { schema: leaseBody, types: [JSON_TYPE], mostBytes: 16_384 },
      answers: { 200: { description: '`wanted`: the state is to be sent whole.', schema: agentAnswers.answer } },
      problems: [400, 403, 409],
      handle: (request) => {
        const body = parseOrThrow(leaseBody, request.body, FIELDS);
        return { status: 200, body: taken().renew(nameIn(request), body, peerOf(request)) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/agents/{name}',
      operation: 'deleteAgent',
      summary: 'Ends the lease of a host: its endpoints drain at once, and then go.',
      query: leaveQuery,
      answers: { 200: { description: 'They drain.', schema: agentAnswers.left } },
      problems: [400, 403, 404, 409],
      handle: (request) => {
        const { instance, run = 0 } = request.query;
        const name = nameIn(request);
        taken().leave(name, instance === undefined ? undefined : { instance, run });
        return { status: 200, body: { name, state: 'left' } };
      },
    }),
  ];
}

function nameIn({ params }: Request<unknown>): string {
  const name = params['name'] ?? '';
  const fault = agentNameFault(name);
  if (fault === undefined) return name;
  throw new EnvoyageError('invalid-request', `the name of the agent ${fault}`, { hint: 'envoyage agent --name NAME …' });
}

/** IPv4 comes mapped into IPv6 where the API listens on both. */
function peerOf({ peer }: Request<unknown>): string {
  return peer.replace(/^::ffff:(?=\d+\.)/i, '');
}
