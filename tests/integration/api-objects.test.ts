import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiObject, AppliedObjects, ObjectList, RevisionList } from '../../src/api/types.ts';
import { jsonSchema } from '../../src/model/json-schema.ts';
import { TestApi } from '../support/api.ts';

const APPLY = '/api/v1/apply';
const OBJECTS = '/api/v1/objects';
const service = (name: string, more: object = {}) => ({ kind: 'Service', name, host: `${name}.example.com`, endpoints: ['10.0.0.1:80'], ...more });
const raw = (name: string, more: object = {}) => ({
  kind: 'Raw',
  name,
  type: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  resource: { connectTimeout: '1s' },
  ...more,
});

describe('objects', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.end());
  const apply = (objects: readonly object[], more: object = {}, query = '') =>
    api.call('POST', `${APPLY}${query}`, {
      body: { objects: objects.map((object, i) => ({ object, origin: `a.yaml:${i + 1}:1` })), ...more },
      headers: { 'x-envoyage-author': 'ann@laptop' },
    });
  const outcome = (answer: { json<T>(): T }): string[] => answer.json<AppliedObjects>().objects.map(({ kind, name, result }) => `${kind}/${name} ${result}`);
  const names = async (query = ''): Promise<string[]> =>
    (await api.call('GET', OBJECTS + query)).json<ObjectList>().objects.map(({ kind, name }) => `${kind}/${name}`);

  describe('POST /api/v1/apply', () => {
    it('sets many in one revision, and changes nothing the second time', async () => {
      const first = await apply([service('web'), raw('echo'), service('api')]);
      expect(first.json()).toMatchObject({ revision: 1, changed: true, dryRun: false });
      expect(outcome(first)).toEqual(['Service/web created', 'Raw/echo created', 'Service/api created']);
      const second = await apply([service('web'), raw('echo'), service('api')]);
      expect(second.json()).toMatchObject({ revision: 1, changed: false });
      expect(outcome(second)).toEqual(['Service/web unchanged', 'Raw/echo unchanged', 'Service/api unchanged']);
      const { revisions } = (await api.call('GET', '/api/v1/revisions')).json<RevisionList>();
      expect(revisions.map(({ author, changes }) => [author, changes.map(({ id }) => id).toSorted()])).toEqual([['ann@laptop', ['Raw/echo', 'api', 'web']]]);
    });

    it('says of each object what it was and what it is', async () => {
      await apply([service('web'), service('api')]);
      const { objects } = (await apply([service('web', { endpoints: ['10.0.0.2:80'] }), service('api')])).json<AppliedObjects>();
      expect(objects).toEqual([
        { kind: 'Service', name: 'web', result: 'changed', before: service('web'), after: service('web', { endpoints: ['10.0.0.2:80'] }) },
        { kind: 'Service', name: 'api', result: 'unchanged' },
      ]);
    });

    it('changes nothing where one of them is bad, and names every fault', async () => {
      const answer = await apply([service('web'), service('a', { endpoints: [] }), { kind: 'Servce' }, service('web')]);
      expect(answer.problem()).toMatchObject({ status: 400, code: 'invalid-request' });
      expect(answer.problem().errors?.map(({ field }) => field)).toEqual(['/objects/1/object/endpoints', '/objects/2/object/kind', '/objects/3/object']);
      expect(answer.problem().detail).toContain('a.yaml:2:1: endpoints must name at least one');
      expect(await names()).toEqual([]);
    });

    it('names the object and its origin where the state does not take it', async () => {
      await apply([service('web')]);
      const answer = await apply([service('new'), { kind: 'Service', name: 'other', host: 'web.example.com', endpoints: ['a:1'] }]);
      expect(answer.problem()).toMatchObject({ status: 409, code: 'host-taken', errors: [{ field: '/objects/1/object/host' }] });
      expect(answer.problem().detail).toMatch(/^a\.yaml:2:1: the host web\.example\.com belongs to service "web" already/);
      expect(await names()).toEqual(['Service/web']);
    });

    it('answers in the order in which they were sent', async () => {
      await apply([service('b'), service('d')]);
      const mixed = await apply([service('a'), service('b'), service('c'), service('d', { endpoints: ['x:1'] })]);
      expect(outcome(mixed)).toEqual(['Service/a created', 'Service/b unchanged', 'Service/c created', 'Service/d changed']);
    });

    it('lets objects swap what only one of them may have', async () => {
      await apply([service('a'), service('b')]);
      const swapped = await apply([service('a', { host: 'b.example.com' }), service('b', { host: 'a.example.com' })]);
      expect(outcome(swapped)).toEqual(['Service/a changed', 'Service/b changed']);
      expect((await api.call('GET', `${OBJECTS}/Service/a`)).json()).toMatchObject({ host: 'b.example.com', revision: 2 });
    });

    it('prunes by label, and nothing that has other labels', async () => {
      await apply([
        service('a', { labels: { team: 'web' } }),
        service('b', { labels: { team: 'web' } }),
        service('c', { labels: { team: 'api' } }),
        service('d'),
      ]);
      expect(outcome(await apply([service('a', { labels: { team: 'web' } })], { prune: { team: 'web' }, dryRun: true }))).toEqual([
        'Service/a unchanged',
        'Service/b deleted',
      ]);
      expect(await names()).toHaveLength(4);
      expect(outcome(await apply([service('a', { labels: { team: 'web' } })], { prune: { team: 'web' } }))).toEqual([
        'Service/a unchanged',
        'Service/b deleted',
      ]);
      expect(await names()).toEqual(['Service/a', 'Service/c', 'Service/d']);
      expect((await apply([], { prune: {} })).problem().detail).toContain('prune must name at least one label');
    });

    it('tries without doing', async () => {
      for (const answer of [await apply([service('web')], { dryRun: true }), await apply([service('web')], {}, '?dryRun=true&wait=acked')]) {
        expect(answer.json()).toMatchObject({ revision: 0, changed: true, dryRun: true });
        expect(answer.json()).not.toHaveProperty('rollout');
        expect(outcome(answer)).toEqual(['Service/web created']);
      }
      expect(await names()).toEqual([]);
      expect((await apply([raw('x', { resource: { nonsense: 1 } })], { dryRun: true })).status).toBe(400);
    });

    it('waits for Envoys where asked to', async () => {
      expect((await apply([service('web')], {}, '?wait=acked')).json()).toMatchObject({ rollout: { state: 'no-envoys', revision: 1 } });
    });

    it.each([
      [5, 'the body must be an object'],
      [{}, '"objects" is missing'],
      [{ objects: [5] }, 'must be an object'],
      [{ objects: [], prume: {} }, 'unknown field "prume" (did you mean "prune"?)'],
      [{ objects: [{ object: 5 }] }, 'an object must be a map of fields'],
      [{ objects: [], prune: { a: 5 } }, 'the value of a label must be a string'],
    ])('refuses %j', async (body, message) => {
      expect((await api.call('POST', APPLY, { body })).problem()).toMatchObject({ status: 400, detail: expect.stringContaining(message) as unknown });
    });
  });

  describe('/api/v1/objects', () => {
    it('lists by kind, label and group', async () => {
      await apply([service('a', { labels: { team: 'web', tier: 'x' } }), service('b', { groups: ['edge'] }), raw('c', { labels: { team: 'web' } })]);
      expect(await names()).toEqual(['Raw/c', 'Service/a', 'Service/b']);
      expect(await names('?kind=Raw')).toEqual(['Raw/c']);
      expect(await names('?label=team%3Dweb')).toEqual(['Raw/c', 'Service/a']);
      expect(await names('?label=team%3Dweb,tier%3Dx')).toEqual(['Service/a']);
      expect(await names('?group=lab')).toEqual(['Raw/c', 'Service/a']);
      expect(await names('?group=edge&kind=Service')).toEqual(['Service/a', 'Service/b']);
      expect((await api.call('GET', `${OBJECTS}?kind=Servic`)).problem()).toMatchObject({
        status: 404,
        detail: 'there is no kind "Servic" (did you mean "Service"?)',
      });
      expect((await api.call('GET', `${OBJECTS}?label=team`)).problem()).toMatchObject({ status: 400 });
    });

    it('is guarded by ETags', async () => {
      const made = await api.call('PUT', `${OBJECTS}/Service/web`, { body: { host: 'web.example.com', endpoints: ['a:1'] } });
      expect([made.status, made.headers.etag]).toEqual([201, '"1"']);
      expect(made.json()).toMatchObject({ kind: 'Service', name: 'web', host: 'web.example.com', revision: 1 });
      const changed = await api.call('PUT', `${OBJECTS}/Service/web`, { body: { ...made.json<object>(), endpoints: ['b:1'] }, headers: { 'if-match': '"1"' } });
      expect([changed.status, changed.headers.etag]).toEqual([200, '"2"']);
      const stale = await api.call('PUT', `${OBJECTS}/Service/web`, { body: { ...made.json<object>(), endpoints: ['c:1'] }, headers: { 'if-match': '"1"' } });
      expect(stale.problem()).toMatchObject({ status: 412, code: 'precondition-failed' });
      expect((await api.call('PUT', `${OBJECTS}/Raw/x`, { body: raw('x'), headers: { 'if-match': '*' } })).problem().detail).toBe(
        'there is no raw "x", and If-Match asks for one',
      );
      expect((await api.call('GET', `${OBJECTS}/Service/web`, { headers: { 'if-none-match': '"2"' } })).status).toBe(304);
      expect((await api.call('DELETE', `${OBJECTS}/Service/web`, { headers: { 'if-match': '"1"' } })).status).toBe(412);
      expect((await api.call('DELETE', `${OBJECTS}/Service/web?dryRun=true`)).json()).toEqual({ revision: 2 });
      expect((await api.call('DELETE', `${OBJECTS}/Service/web`, { headers: { 'if-match': '"2"' } })).json()).toEqual({ revision: 3 });
      expect((await api.call('GET', `${OBJECTS}/Service/web`)).problem()).toMatchObject({ status: 404, code: 'object-not-found' });
    });

    it('takes back what it gave, and shows where it was said', async () => {
      await apply([service('web', { labels: { a: 'b' } }), raw('x')]);
      for (const path of ['Service/web', 'Raw/x']) {
        const got = await api.call('GET', `${OBJECTS}/${path}`);
        expect(got.json<ApiObject>().origin).toMatch(/^a\.yaml:\d:1$/);
        expect((await api.call('PUT', `${OBJECTS}/${path}`, { body: got.json() })).json()).toMatchObject({ revision: 1 });
      }
      expect(await api.revision()).toBe(1);
    });

    it('says what does not fit the URL', async () => {
      expect((await api.call('PUT', `${OBJECTS}/Service/web`, { body: service('api') })).problem().errors).toEqual([
        { field: '/name', message: 'does not match the URL; an object cannot be renamed' },
      ]);
      expect((await api.call('PUT', `${OBJECTS}/Service/x`, { body: raw('x') })).problem().errors?.[0]?.field).toBe('/kind');
      expect((await api.call('GET', `${OBJECTS}/Nothing/x`)).problem()).toMatchObject({ status: 404, code: 'not-found' });
      await apply([service('web')]);
      expect((await api.call('GET', `${OBJECTS}/Service/wbe`)).problem().detail).toBe('there is no service "wbe" (did you mean "web"?)');
    });
  });

  describe('a dry run of the writes of services', () => {
    it('answers as the write would, and leaves all as it is', async () => {
      const web = { host: 'web.example.com', endpoints: ['a:1'] };
      expect((await api.call('POST', '/api/v1/services?dryRun=true', { body: web })).status).toBe(201);
      expect(await api.revision()).toBe(0);
      await api.call('POST', '/api/v1/services?dryRun=false', { body: web });
      expect((await api.call('POST', '/api/v1/services?dryRun=true', { body: web })).status).toBe(409);
      expect((await api.call('PATCH', '/api/v1/services/web.example.com?dryRun=true', { body: { endpoints: ['b:1'] } })).json()).toMatchObject({
        endpoints: ['b:1'],
      });
      expect((await api.call('PUT', '/api/v1/services/web.example.com?dryRun=true', { body: { ...web, endpoints: ['c:1'] } })).json()).toMatchObject({
        endpoints: ['c:1'],
      });
      expect((await api.call('DELETE', '/api/v1/services/web.example.com?dryRun=true')).status).toBe(200);
      expect((await api.call('GET', '/api/v1/services/web.example.com')).json()).toMatchObject({ endpoints: ['a:1'], revision: 1 });
      expect((await api.call('DELETE', '/api/v1/services/web.example.com?dryRun=yes')).problem().detail).toContain('dryRun can only be "true" or "false"');
    });
  });

  describe('POST /api/v1/rollback', () => {
    const rollback = (revision: unknown, query = '') => api.call('POST', `/api/v1/rollback${query}`, { body: { revision } });

    it('restores what was, as a new revision', async () => {
      await apply([service('a'), service('b')]);
      await apply([service('a', { endpoints: ['x:1'] }), service('c')]);
      await apply([service('a', { host: 'b.example.com' }), service('b', { host: 'a.example.com' })]);
      await api.call('DELETE', `${OBJECTS}/Service/b`);
      const tried = await rollback(1, '?dryRun=true');
      expect(tried.json()).toMatchObject({ revision: 4, changed: true, dryRun: true });
      expect(await api.revision()).toBe(4);
      const done = await rollback(1);
      expect(done.json()).toMatchObject({ revision: 5, changed: true, dryRun: false });
      expect(outcome(done).toSorted()).toEqual(['Service/a changed', 'Service/b created', 'Service/c deleted']);
      expect((await api.call('GET', `${OBJECTS}/Service/a`)).json()).toMatchObject({ host: 'a.example.com', endpoints: ['10.0.0.1:80'] });
      expect(await names()).toEqual(['Service/a', 'Service/b']);
      // A rollback can be rolled back, and what is as wished makes no revision.
      await rollback(4);
      expect(await names()).toEqual(['Service/a', 'Service/c']);
      expect((await rollback(6)).json()).toMatchObject({ revision: 6, changed: false, objects: [] });
      await rollback(0);
      expect(await names()).toEqual([]);
    });

    it('refuses what is not there', async () => {
      await apply([service('a')]);
      expect((await rollback(2)).problem()).toMatchObject({ status: 404, code: 'revision-not-found', detail: 'there is no revision 2; the newest is 1' });
      expect((await rollback(-1)).status).toBe(400);
      expect((await rollback('1')).status).toBe(400);
    });
  });

  it('publishes the vocabulary', async () => {
    expect((await api.call('GET', '/api/v1/schema')).json()).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
  });
});
