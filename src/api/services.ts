import { EnvoyageError } from '../lib/errors.ts';
import type { Committed, Edit } from '../model/edit.ts';
import { type Service, type StoredService, serviceSchema } from '../model/service.ts';
import { mergePatch } from './merge-patch.ts';
import type { ApiPorts, ServicesPort, Wait } from './ports.ts';
import { etag, isKnown, preconditionOf, requireExistence } from './precondition.ts';
import { pointedInto, readService, readServices } from './read-service.ts';
import { type Reply, type Request, type Route, route } from './route.ts';
import { answers, noQuery, patchBody, postBody, waitQuery, writeQuery } from './schemas.ts';
import type { Rollout } from './types.ts';
import type { Write } from './write.ts';

const JSON_TYPE = 'application/json';
const PATCH_TYPE = 'application/merge-patch+json';

const NOT_MODIFIED = { description: 'If-None-Match names the ETag that it has.' };

interface WaitQuery {
  readonly wait?: 'acked' | undefined;
  readonly timeout: number;
}

interface WriteQuery extends WaitQuery {
  readonly dryRun?: 'true' | 'false' | undefined;
}

/** /api/v1/services */
export function serviceRoutes({ services, rollout }: ApiPorts, write: Write): Route[] {
  const waited = async ({ query, signal }: Request<WriteQuery>, revision: number): Promise<{ rollout?: Rollout }> => {
    if (query.wait === undefined || query.dryRun === 'true') return {};
    return { rollout: await rollout.rollout(revision, waitOf(query, signal)) };
  };
  const commit = (plan: () => readonly Edit[], { author, query }: Request<WriteQuery>): Promise<Committed> =>
    write(plan, author, { dryRun: query.dryRun === 'true' });
  const commitAll = async (edits: readonly Edit[], request: Request<WriteQuery>): Promise<Committed> => {
    try {
      return await commit(() => edits, request);
    } catch (thrown) {
      throw pointedInto(request.body, thrown);
    }
  };
  /** Of a change that does not make services: a precondition of what is not there does not count (RFC 9110 §13.2.1). */
  const expected = (request: Request<WriteQuery>, id: string): number | undefined => {
    const precondition = preconditionOf(request);
    if (services.get(id) !== undefined) requireExistence(id, true, precondition);
    return precondition.revision;
  };
  const one = async (request: Request<WriteQuery>, committed: Committed, status: number): Promise<Reply> => {
    const service = onlyOne(committed);
    const location: Record<string, string> = status === 201 ? { location: `/api/v1/services/${encodeURIComponent(service.id)}` } : {};
    return { status, headers: { etag: etag(service.revision), ...location }, body: { ...service, ...(await waited(request, committed.revision)) } };
  };

  return [
    route({
      method: 'GET',
      path: '/api/v1/services',
      operation: 'listServices',
      summary: 'All services, by id.',
      query: noQuery,
      answers: { 200: { description: 'The services.', schema: answers.serviceList }, 304: NOT_MODIFIED },
      problems: [],
      handle: ({ ifNoneMatch }) => {
        const tag = etag(services.revision);
        if (isKnown(tag, ifNoneMatch)) return { status: 304, headers: { etag: tag } };
        return { status: 200, headers: { etag: tag }, body: { services: [...services.list()], revision: services.revision } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/services',
      operation: 'createServices',
      summary: 'Creates a service, or a list of them: all or none.',
      query: writeQuery,
      body: { schema: postBody, types: [JSON_TYPE] },
      answers: {
        201: { description: 'The service, or an object with the list of them, as it is on disk.', schema: answers.writtenService.or(answers.writtenServices) },
      },
      problems: [400, 409, 422],
      handle: async (request) => {
        const edits = readServices(request.body).map((service) => ({ op: 'create', service }) as const);
        const committed = await commitAll(edits, request);
        if (!Array.isArray(request.body)) return one(request, committed, 201);
        return { status: 201, body: { services: committed.services, revision: committed.revision, ...(await waited(request, committed.revision)) } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/services/{id}',
      operation: 'getService',
      summary: 'One service.',
      query: noQuery,
      answers: { 200: { description: 'The service; its ETag guards changes by If-Match.', schema: answers.storedService }, 304: NOT_MODIFIED },
      problems: [404],
      handle: ({ params, ifNoneMatch }) => {
        const service = find(services, params['id'] ?? '');
        const tag = etag(service.revision);
        return isKnown(tag, ifNoneMatch) ? { status: 304, headers: { etag: tag } } : { status: 200, headers: { etag: tag }, body: service };
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/services/{id}',
      operation: 'putService',
      summary: 'Sets a service, whether it exists or not.',
      query: writeQuery,
      body: { schema: serviceSchema, types: [JSON_TYPE] },
      answers: {
        200: { description: 'The service as it is on disk.', schema: answers.writtenService },
        201: { description: 'It is new.', schema: answers.writtenService },
      },
      problems: [400, 409, 412, 422],
      handle: async (request) => {
        const id = request.params['id'] ?? '';
        const service = readService(id, request.body);
        const precondition = preconditionOf(request);
        let isNew = false;
        const plan = (): Edit[] => {
          isNew = services.get(id) === undefined;
          requireExistence(id, !isNew, precondition);
          return [{ op: 'put', service, expect: precondition.revision }];
        };
        const committed = await commit(plan, request);
        return one(request, committed, isNew ? 201 : 200);
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/services/{id}',
      operation: 'patchService',
      summary: 'Changes a part of a service.',
      query: writeQuery,
      body: { schema: patchBody, types: [PATCH_TYPE, JSON_TYPE] },
      answers: { 200: { description: 'The service as it is on disk.', schema: answers.writtenService } },
      problems: [400, 404, 409, 412, 422],
      handle: async (request) => {
        const id = request.params['id'] ?? '';
        const change = (current: StoredService): Service => readService(id, mergePatch(current, request.body));
        return one(request, await commit(() => [{ op: 'update', id, change, expect: expected(request, id) }], request), 200);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/services/{id}',
      operation: 'deleteService',
      summary: 'Removes a service.',
      query: writeQuery,
      answers: { 200: { description: 'It is gone, on disk.', schema: answers.writtenRevision } },
      problems: [404, 412, 422],
      handle: async (request) => {
        const id = request.params['id'] ?? '';
        const { revision } = await commit(() => [{ op: 'delete', id, expect: expected(request, id) }], request);
        return { status: 200, body: { revision, ...(await waited(request, revision)) } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/services/{id}/reload-xds',
      operation: 'reloadService',
      summary: 'Sends the resources of a service to every Envoy once more, changed or not.',
      query: waitQuery,
      answers: { 200: { description: 'They are on their way.', schema: answers.writtenRevision } },
      problems: [404],
      handle: async ({ params, query, signal }) => {
        const { id } = find(services, params['id'] ?? '');
        return {
          status: 200,
          body: { revision: services.revision, rollout: await rollout.resend(id, query.wait === undefined ? undefined : waitOf(query, signal)) },
        };
      },
    }),
  ];
}

function waitOf({ timeout }: WaitQuery, signal: AbortSignal): Wait {
  return { timeout: timeout * 1000, signal };
}

function onlyOne({ services }: Committed): StoredService {
  const [service] = services;
  if (service === undefined) throw new Error('a commit of one service gave none back');
  return service;
}

function find(services: ServicesPort, id: string): StoredService {
  const service = services.get(id);
  if (service === undefined) throw new EnvoyageError('service-not-found', `there is no service "${id.slice(0, 260)}"`, { hint: 'envoyage status' });
  return service;
}
