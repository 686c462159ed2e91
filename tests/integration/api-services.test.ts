import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceList, WrittenService, WrittenServices } from '../../src/api/types.ts';
import { TestApi } from '../support/api.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['web-a:5678'] };
const many = (count: number): object[] => Array.from({ length: count }, (_, i) => ({ host: `h${i}.example.com`, endpoints: [`10.0.${i >> 8}.${i & 255}:80`] }));

describe('/api/v1/services', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.end());

  describe('POST', () => {
    it('creates a service of the short form', async () => {
      const { status, headers, json } = await api.call('POST', SERVICES, { body: web });
      expect(status).toBe(201);
      expect(headers).toMatchObject({ etag: '"1"', location: '/api/v1/services/web.example.com' });
      const { createdAt, updatedAt, ...rest } = json<WrittenService>();
      expect(rest).toEqual({ id: 'web.example.com', ...web, revision: 1, updatedBy: 'api@127.0.0.1' });
      expect(updatedAt).toBe(createdAt);
    });

    it('answers with what GET then answers with', async () => {
      const written = await api.call('POST', SERVICES, { body: { ...web, id: 'web', groups: ['b', 'a', 'b'] } });
      expect((await api.call('GET', `${SERVICES}/web`)).text).toBe(written.text);
      expect(written.json()).toMatchObject({ groups: ['a', 'b'] });
    });

    it('creates 10,000 in one revision, in the order of the list, and lists them by id', async () => {
      const { status, json } = await api.call('POST', SERVICES, { body: many(10_000) });
      expect(status).toBe(201);
      const { services, revision } = json<WrittenServices>();
      expect(revision).toBe(1);
      expect(services.map(({ host }) => host)).toEqual(many(10_000).map((each) => (each as { host: string }).host));
      expect(new Set(services.map((each) => each.revision))).toEqual(new Set([1]));
      const list = (await api.call('GET', SERVICES)).json<ServiceList>();
      expect(list.services.map(({ id }) => id)).toEqual(services.map(({ id }) => id).toSorted());
    });

    it('refuses 10,001, and changes nothing', async () => {
      const answer = await api.call('POST', SERVICES, { body: many(10_001) });
      expect(answer.problem()).toMatchObject({ status: 400, code: 'invalid-request', detail: 'the list has 10001 services; at most 10000 at once' });
      expect(await api.revision()).toBe(0);
    });

    it('creates none where one of the list is wrong, and points to it', async () => {
      const answer = await api.call('POST', SERVICES, { body: [...many(9_999), { host: 'x', endpoints: ['a:1', 'b:70000'] }] });
      expect(answer.problem()).toMatchObject({
        code: 'invalid-request',
        errors: [{ field: '/9999/endpoints/1', message: expect.stringContaining('"b:70000" has port 70000') as unknown }],
      });
      expect(await api.revision()).toBe(0);
    });

    it('lists the first faults of very many', async () => {
      const { errors, detail } = (await api.call('POST', SERVICES, { body: Array(10_000).fill({ hots: 1 }) })).problem();
      expect(errors).toHaveLength(20);
      expect(detail).toMatch(/; and more$/);
    });

    it('refuses a host that is there twice in one body, however it is written', async () => {
      const answer = await api.call('POST', SERVICES, { body: [web, { host: 'x', endpoints: ['a:1'] }, { host: 'WEB.Example.com.', endpoints: ['b:1'] }] });
      expect(answer.problem()).toMatchObject({
        status: 409,
        code: 'service-exists',
        detail: expect.stringContaining('twice, at 0 and at 2') as unknown,
        errors: [{ field: '/2/host' }],
      });
      expect(await api.revision()).toBe(0);
    });

    it('refuses a host that exists, with the command that was meant', async () => {
      await api.call('POST', SERVICES, { body: web });
      const answer = await api.call('POST', SERVICES, { body: { ...web, endpoints: ['web-b:1'] } });
      expect(answer.problem()).toMatchObject({
        status: 409,
        code: 'service-exists',
        hint: 'envoyage switch web.example.com web-b:1',
        errors: [{ field: '/host' }],
      });
      const inList = await api.call('POST', SERVICES, { body: [web] });
      expect(inList.problem()).toMatchObject({ code: 'service-exists', errors: [{ field: '/0/host' }] });
      const other = await api.call('POST', SERVICES, { body: { ...web, id: 'other' } });
      expect(other.problem()).toMatchObject({ status: 409, code: 'host-taken' });
      expect(await api.revision()).toBe(1);
    });

    it('lets two services have one host where no Envoy serves both', async () => {
      const body = ['edge', 'inner'].map((group) => ({ ...web, id: group, groups: [group] }));
      expect((await api.call('POST', SERVICES, { body })).status).toBe(201);
      const third = await api.call('POST', SERVICES, { body: [{ ...web, id: 'third', groups: ['x', 'inner'] }] });
      expect(third.problem()).toMatchObject({
        code: 'host-taken',
        detail: expect.stringContaining('for group "inner"') as unknown,
        errors: [{ field: '/0/host' }],
      });
    });

    it.each([
      [{}, ['/endpoints', '/host']],
      [[], ['']],
      [5, ['']],
      ['"web"', ['']],
      [{ ...web, host: 'http://web.example.com' }, ['/host']],
      [{ ...web, host: 'web.example.com:80' }, ['/host']],
      [{ ...web, host: 'web..example.com' }, ['/host']],
      [{ ...web, endpoints: ['web-a:0'] }, ['/endpoints/0']],
      [{ ...web, endpoints: ['web-a:70000'] }, ['/endpoints/0']],
      [{ ...web, endpoints: ['web-a'] }, ['/endpoints/0']],
      [{ ...web, endpoints: [] }, ['/endpoints']],
      [{ ...web, groups: [] }, ['/groups']],
      [{ ...web, id: 'xds_cluster' }, ['/id']],
      [{ ...web, endpoint: 'x' }, ['/endpoint']],
      [[web, [web]], ['/1']],
      [
        [{ ...web, id: 'Web' }, null],
        ['/0/id', '/1'],
      ],
    ])('refuses %j by pointing to %j', async (body, fields) => {
      const { errors = [], code } = (await api.call('POST', SERVICES, { body })).problem();
      expect(code).toBe('invalid-request');
      expect(errors.map(({ field }) => field)).toEqual(fields);
      expect(await api.revision()).toBe(0);
    });

    it('suggests the field that was meant', async () => {
      const answer = await api.call('POST', SERVICES, { body: [{ ...web, gruops: ['edge'] }] });
      expect(answer.problem().errors).toEqual([{ field: '/0/gruops', message: 'unknown field "gruops" (did you mean "groups"?)' }]);
    });
  });

  describe('PUT', () => {
    it('creates, replaces, and makes no revision where nothing changes', async () => {
      const path = `${SERVICES}/web.example.com`;
      const created = await api.call('PUT', path, { body: web });
      expect([created.status, created.headers.etag, created.headers.location]).toEqual([201, '"1"', path]);
      const same = await api.call('PUT', path, { body: web });
      expect([same.status, same.headers.etag, same.headers.location]).toEqual([200, '"1"', undefined]);
      const replaced = await api.call('PUT', path, { body: { ...web, endpoints: ['web-b:1'], groups: ['edge'] } });
      expect([replaced.status, replaced.headers.etag]).toEqual([200, '"2"']);
      expect(replaced.json()).toMatchObject({ endpoints: ['web-b:1'], groups: ['edge'], createdAt: created.json<WrittenService>().createdAt });
      expect((await api.call('PUT', path, { body: web })).json()).not.toHaveProperty('groups');
    });

    it('takes back what was read, as it is and with a change', async () => {
      await api.call('POST', SERVICES, { body: { ...web, groups: ['edge'] } });
      const read = (await api.call('GET', `${SERVICES}/web.example.com`)).json<WrittenService>();
      const same = await api.call('PUT', `${SERVICES}/web.example.com`, { body: read, headers: { 'if-match': '"1"' } });
      expect([same.status, same.json()]).toEqual([200, read]);
      const changed = await api.call('PUT', `${SERVICES}/web.example.com`, { body: { ...read, endpoints: ['web-b:1'], revision: 99, updatedBy: 'me' } });
      expect(changed.json()).toMatchObject({ endpoints: ['web-b:1'], groups: ['edge'], revision: 2, updatedBy: 'api@127.0.0.1' });
    });

    it('refuses another id than that of the URL', async () => {
      const answer = await api.call('PUT', `${SERVICES}/web`, { body: { ...web, id: 'api' } });
      expect(answer.problem()).toMatchObject({ code: 'invalid-request', errors: [{ field: '/id' }] });
      expect((await api.call('PUT', `${SERVICES}/Web`, { body: web })).problem()).toMatchObject({ code: 'invalid-request', errors: [{ field: '/id' }] });
      expect((await api.call('PUT', `${SERVICES}/web`, { body: [web] })).problem()).toMatchObject({ code: 'invalid-request' });
      expect(await api.revision()).toBe(0);
    });

    it('refuses the host of another service', async () => {
      await api.call('POST', SERVICES, { body: web });
      const answer = await api.call('PUT', `${SERVICES}/other`, { body: web });
      expect(answer.problem()).toMatchObject({ status: 409, code: 'host-taken', errors: [{ field: '/host' }] });
    });
  });

  describe('PATCH', () => {
    const path = `${SERVICES}/web.example.com`;
    const patch = (body: unknown, type = 'application/merge-patch+json') => api.call('PATCH', path, { body, headers: { 'content-type': type } });

    it('changes what it names, and null takes away', async () => {
      await api.call('POST', SERVICES, { body: { ...web, groups: ['edge'] } });
      expect((await patch({ endpoints: ['web-b:1'] })).json()).toMatchObject({
        host: 'web.example.com',
        endpoints: ['web-b:1'],
        groups: ['edge'],
        revision: 2,
      });
      const cleared = await patch({ groups: null });
      expect(cleared.json()).toMatchObject({ endpoints: ['web-b:1'], revision: 3 });
      expect(cleared.json()).not.toHaveProperty('groups');
      expect((await patch({})).headers.etag).toBe('"3"');
      expect((await patch({ groups: null, id: null })).headers.etag).toBe('"3"');
      expect((await patch({ host: 'www.example.com' })).json()).toMatchObject({ id: 'web.example.com', host: 'www.example.com' });
    });

    it('takes both content types, with parameters', async () => {
      await api.call('POST', SERVICES, { body: web });
      for (const [i, type] of [
        'application/merge-patch+json',
        'application/json',
        'Application/JSON; charset=utf-8',
        'application/json;charset=UTF-8',
      ].entries()) {
        expect((await patch({ endpoints: [`web-b:${i + 1}`] }, type)).status, type).toBe(200);
      }
      for (const type of ['text/json', 'application/json-patch+json', 'application/jsonp', 'application', '/', 'application/json, text/plain']) {
        const answer = await patch({ endpoints: ['x:1'] }, type);
        expect(answer.problem(), type).toMatchObject({ status: 415, code: 'unsupported-media-type', hint: 'send it with Content-Type: application/json' });
      }
    });

    it.each([
      [{ host: 5 }, '/host'],
      [{ endpoints: null }, '/endpoints'],
      [{ endpoints: [] }, '/endpoints'],
      [{ endpoints: { 0: 'a:1' } }, '/endpoints'],
      [{ id: 'other' }, '/id'],
      [{ endpoint: 'a:1' }, '/endpoint'],
      [{ groups: { a: null } }, '/groups'],
      [['a:1'], ''],
      ['null', ''],
      ['"x"', ''],
    ])('refuses %j by pointing to %j', async (body, field) => {
      await api.call('POST', SERVICES, { body: web });
      const { errors = [], code } = (await patch(body)).problem();
      expect([code, errors[0]?.field]).toEqual(['invalid-request', field]);
      expect(await api.revision()).toBe(1);
    });

    it('needs a service', async () => {
      expect((await patch({ endpoints: ['a:1'] })).problem()).toMatchObject({ status: 404, code: 'service-not-found' });
    });
  });

  it('DELETE removes once', async () => {
    await api.call('POST', SERVICES, { body: web });
    const gone = await api.call('DELETE', `${SERVICES}/web.example.com`);
    expect([gone.status, gone.json()]).toEqual([200, { revision: 2 }]);
    expect((await api.call('DELETE', `${SERVICES}/web.example.com`)).problem()).toMatchObject({ status: 404, code: 'service-not-found' });
    expect((await api.call('GET', `${SERVICES}/web.example.com`)).problem()).toMatchObject({ status: 404, code: 'service-not-found' });
    expect(await api.revision()).toBe(2);
    expect((await api.call('POST', SERVICES, { body: web })).headers.etag).toBe('"3"');
  });

  it('says which service was meant', async () => {
    await api.call('POST', SERVICES, { body: web });
    expect((await api.call('DELETE', `${SERVICES}/web.exampel.com`)).problem().detail).toBe(
      'there is no service "web.exampel.com" (did you mean "web.example.com"?)',
    );
  });

  it.each([
    ['*.example.com', '*.example.com'],
    ['%2A.example.com', '*.example.com'],
    ['[::1]', '[::1]'],
    ['%5B%3A%3A1%5D', '[::1]'],
    ['_x.%65xample', '_x.example'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    [`${'a'.repeat(63)}.${'b.'.repeat(90)}example`, `${'a'.repeat(63)}.${'b.'.repeat(90)}example`],
  ])('has the service %s all its life', async (inPath, host) => {
    const path = `${SERVICES}/${inPath}`;
    expect((await api.call('PUT', path, { body: { host, endpoints: ['a:1'] } })).status).toBe(201);
    const read = await api.call('GET', path);
    expect(read.json()).toMatchObject({ id: host, host });
    expect((await api.call('PUT', path, { body: { ...read.json<WrittenService>(), endpoints: ['b:1'] } })).status).toBe(200);
    expect((await api.call('PATCH', path, { body: { endpoints: ['c:1'] } })).status).toBe(200);
    expect((await api.call('POST', `${path}/reload-xds`)).status).toBe(200);
    expect((await api.call('DELETE', path)).status).toBe(200);
    const created = await api.call('POST', SERVICES, { body: { host, endpoints: ['a:1'] } });
    expect((await api.call('GET', String(created.headers.location))).json()).toMatchObject({ id: host });
  });

  it('says 304 to who has it already', async () => {
    await api.call('POST', SERVICES, { body: web });
    for (const path of [SERVICES, `${SERVICES}/web.example.com`]) {
      for (const known of ['"1"', 'W/"1"', '"0", "1"', '*']) {
        const answer = await api.call('GET', path, { headers: { 'if-none-match': known } });
        expect([answer.status, answer.headers.etag, answer.text], known).toEqual([304, '"1"', '']);
      }
      for (const other of ['"0"', '1', 'garbage']) expect((await api.call('GET', path, { headers: { 'if-none-match': other } })).status, other).toBe(200);
    }
    await api.call('POST', SERVICES, { body: { ...web, host: 'other.example.com' } });
    expect((await api.call('GET', `${SERVICES}/web.example.com`, { headers: { 'if-none-match': '"1"' } })).status).toBe(304);
    expect((await api.call('GET', SERVICES, { headers: { 'if-none-match': '"1"' } })).status).toBe(200);
  });
});
