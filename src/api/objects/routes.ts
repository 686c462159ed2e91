import { EnvoyageError } from '../../lib/errors.ts';
import { didYouMean } from '../../lib/nearest.ts';
import type { Edit } from '../../model/edit.ts';
import { declaredKey, type Kind, keyOf, nameOf, type Stored, titleOf } from '../../model/kinds.ts';
import { servedBy } from '../../model/service.ts';
import { parseOrThrow } from '../../model/validation.ts';
import type { ApiPorts, ServicesPort } from '../ports.ts';
import { etag, isKnown, preconditionOf, requireExistence } from '../precondition.ts';
import { type Request, type Route, route } from '../route.ts';
import { noQuery, writeQuery } from '../schemas.ts';
import type { AppliedObjects, Rollout } from '../types.ts';
import type { Write, Written } from '../write.ts';
import { type Plan, placed, plan, results } from './plan.ts';
import { hasLabels, kindNamed, readNamed, readSelector, readSent } from './read.ts';
import { planRollback } from './rollback.ts';
import { applyBody, applyQuery, objectAnswers, objectBody, objectsQuery, rollbackBody } from './schemas.ts';
import { shown } from './show.ts';

const JSON_TYPE = 'application/json';
const NOT_MODIFIED = { description: 'If-None-Match names the ETag that it has.' };

const APPLY_FIELDS = ['objects', 'prune', 'dryRun', 'envoy', 'object', 'origin'];

interface WriteQuery {
  readonly wait?: 'acked' | undefined;
  readonly timeout: number;
  readonly dryRun?: 'true' | 'false' | undefined;
}

/** Objects of any kind: /api/v1/objects, /api/v1/apply, /api/v1/rollback. */
export function objectRoutes({ services, rollout }: ApiPorts, write: Write): Route[] {
  const waited = async ({ query, signal }: Request<WriteQuery>, revision: number, dryRun: boolean): Promise<{ rollout?: Rollout }> => {
    if (query.wait === undefined || dryRun) return {};
    return { rollout: await rollout.rollout(revision, { timeout: query.timeout * 1000, signal }) };
  };
  const applied = async (request: Request<WriteQuery>, committed: Written, dryRun: boolean, order: readonly string[] = []): Promise<AppliedObjects> => ({
    revision: committed.revision,
    changed: committed.changed,
    dryRun,
    objects: results(committed, order),
    ...(committed.envoy === undefined ? {} : { envoy: committed.envoy }),
    ...(await waited(request, committed.revision, dryRun)),
  });
  const target = ({ params }: Request<unknown>): { kind: Kind; name: string; key: string; current: Stored | undefined } => {
    const kind = kindNamed(params['kind'] ?? '');
    const name = params['name'] ?? '';
    const key = declaredKey(kind, name);
    return { kind, name, key, current: services.object(key) };
  };
  const found = (key: string, kind: Kind, name: string, current: Stored | undefined): Stored => {
    if (current !== undefined) return current;
    const names = (function* () {
      for (const each of services.objects(kind)) yield nameOf(each);
    })();
    throw new EnvoyageError('object-not-found', `there is no ${titleOf(key).slice(0, 300)}${didYouMean(name, names)}`, { hint: `envoyage get ${kind}` });
  };

  return [
    route({
      method: 'GET',
      path: '/api/v1/objects',
      operation: 'listObjects',
      summary: 'Objects of every kind, by kind and name.',
      query: objectsQuery,
      answers: { 200: { description: 'The objects.', schema: objectAnswers.list }, 304: NOT_MODIFIED },
      problems: [400, 404],
      handle: ({ query: { kind, label, group }, ifNoneMatch }) => {
        const wanted = kind === undefined ? undefined : kindNamed(kind);
        const selector = label === undefined ? new Map<string, string>() : readSelector(label);
        const tag = etag(services.revision);
        if (isKnown(tag, ifNoneMatch)) return { status: 304, headers: { etag: tag } };
        const objects: unknown[] = [];
        for (const each of services.objects(wanted)) {
          if (hasLabels(each, selector) && (group === undefined || servedBy(each, group))) objects.push(shown(each));
        }
        return { status: 200, headers: { etag: tag }, body: { objects, revision: services.revision } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/objects/{kind}/{name}',
      operation: 'getObject',
      summary: 'One object.',
      query: noQuery,
      answers: { 200: { description: 'The object; its ETag guards changes by If-Match.', schema: objectAnswers.object }, 304: NOT_MODIFIED },
      problems: [404],
      handle: (request) => {
        const { kind, name, key, current } = target(request);
        const object = found(key, kind, name, current);
        const tag = etag(object.revision);
        return isKnown(tag, request.ifNoneMatch) ? { status: 304, headers: { etag: tag } } : { status: 200, headers: { etag: tag }, body: shown(object) };
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/objects/{kind}/{name}',
      operation: 'putObject',
      summary: 'Sets an object, whether it exists or not.',
      query: writeQuery,
      body: { schema: objectBody, types: [JSON_TYPE] },
      answers: {
        200: { description: 'The object as it is on disk.', schema: objectAnswers.written },
        201: { description: 'It is new.', schema: objectAnswers.written },
      },
      problems: [400, 404, 409, 412, 422],
      handle: async (request) => {
        const { kind, name, key } = target(request);
        const wish = readNamed(kind, name, request.body);
        const precondition = preconditionOf(request);
        const dryRun = request.query.dryRun === 'true';
        let isNew = false;
        const plan = (): Edit[] => {
          isNew = services.object(key) === undefined;
          requireExistence(key, !isNew, precondition);
          return [{ op: 'apply', wish, expect: precondition.revision }];
        };
        const committed = await write(plan, request.author, { dryRun });
        const object = committed.objects.find((each) => keyOf(each) === key);
        if (object === undefined) throw new Error('a commit of one object gave none back');
        return {
          status: isNew ? 201 : 200,
          headers: { etag: etag(object.revision) },
          body: { ...shown(object), ...(await waited(request, committed.revision, dryRun)) },
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/objects/{kind}/{name}',
      operation: 'deleteObject',
      summary: 'Removes an object.',
      query: writeQuery,
      answers: { 200: { description: 'It is gone, on disk.', schema: objectAnswers.deleted } },
      problems: [404, 409, 412, 422],
      handle: async (request) => {
        const { kind, name, key } = target(request);
        const precondition = preconditionOf(request);
        const dryRun = request.query.dryRun === 'true';
        const plan = (): Edit[] => {
          found(key, kind, name, services.object(key));
          return [{ op: 'remove', key, expect: precondition.revision }];
        };
        const { revision } = await write(plan, request.author, { dryRun });
        return { status: 200, body: { revision, ...(await waited(request, revision, dryRun)) } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/apply',
      operation: 'apply',
      summary: 'Sets many objects in one transaction: all or none. What is as wished already is left alone.',
      query: applyQuery,
      body: { schema: applyBody, types: [JSON_TYPE] },
      answers: { 200: { description: 'What became of each object.', schema: objectAnswers.applied } },
      problems: [400, 409, 422],
      handle: async (request) => {
        const { objects, prune, dryRun: inBody = false, envoy = false } = parseOrThrow(applyBody, request.body, APPLY_FIELDS);
        const dryRun = inBody || request.query.dryRun === 'true';
        const sent = readSent(objects);
        const order = sent.map(({ wish }) => keyOf(wish));
        let planned: Plan = { edits: [], pointers: [] };
        const planNow = (): readonly Edit[] => {
          planned = plan(services, sent, prune === undefined ? [] : toPrune(services, prune, new Set(order)));
          return planned.edits;
        };
        try {
          const committed = await write(planNow, request.author, { dryRun, envoy: envoy || request.query.envoy === 'true' });
          return { status: 200, body: await applied(request, committed, dryRun, order) };
        } catch (thrown) {
          throw placed(thrown, planned, sent);
        }
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/rollback',
      operation: 'rollback',
      summary: 'Makes the state as of a revision the newest revision.',
      query: writeQuery,
      body: { schema: rollbackBody, types: [JSON_TYPE] },
      answers: { 200: { description: 'What became of each object that differs.', schema: objectAnswers.applied } },
      problems: [400, 404, 409, 422],
      handle: async (request) => {
        const { revision } = parseOrThrow(rollbackBody, request.body, ['revision']);
        const dryRun = request.query.dryRun === 'true';
        let edits: readonly Edit[] = [];
        const plan = (): readonly Edit[] => {
          edits = planRollback(services, revision).edits;
          return edits;
        };
        try {
          return { status: 200, body: await applied(request, await write(plan, request.author, { dryRun }), dryRun) };
        } catch (thrown) {
          throw placed(thrown, { edits, pointers: [] }, []);
        }
      },
    }),
  ];
}

/** Keys of the objects with all of the labels that are not among those that are kept. */
function toPrune(services: ServicesPort, labels: Readonly<Record<string, string>>, kept: ReadonlySet<string>): string[] {
  const selector = new Map(Object.entries(labels));
  const gone: string[] = [];
  for (const each of services.objects()) if (each.provider === undefined && !kept.has(keyOf(each)) && hasLabels(each, selector)) gone.push(keyOf(each));
  return gone;
}
