import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { PushAnswer } from '../../src/api/types.ts';
import type { PushStatus } from '../../src/model/push-status.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { Authority, secretLines } from '../support/certificates.ts';
import { waitFor } from '../support/wait.ts';

const PUSH = '/api/v1/providers/push';
const service = (name: string, endpoints: readonly string[] = ['10.0.0.1:80']) => ({ kind: 'Service', name, host: `${name}.example.com`, endpoints });

let api: TestApi;
afterEach(() => api.close());

const put = async (name: string, body: unknown, query = '', headers = {}) => api.call('PUT', `${PUSH}/${name}${query}`, { body, headers });
const names = async (): Promise<string[]> => (await api.call('GET', '/api/v1/services')).json<{ services: { id: string }[] }>().services.map(({ id }) => id);
const results = ({ objects }: PushAnswer): string[] => objects.map(({ kind, name, result }) => `${kind} ${name} ${result}`);

describe('a push', () => {
  it('replaces the whole set, and says what became of each object', async () => {
    api = await TestApi.start();
    const first = await put('web', [service('a'), service('b')]);
    expect(first.status).toBe(200);
    expect(first.json()).toMatchObject({ name: 'web', provider: 'push-web', revision: 1, changed: true, dryRun: false, problems: [], problemCount: 0 });
    const second = (await put('web', { objects: [service('b', ['10.0.0.2:80']), { object: service('c'), origin: 'web.yaml:7:1' }] })).json<PushAnswer>();
    expect(results(second)).toEqual(['Service a deleted', 'Service b changed', 'Service c created']);
    expect(await names()).toEqual(['b', 'c']);
    expect((await api.call('GET', '/api/v1/objects/Service/c')).json()).toMatchObject({ provider: 'push-web', origin: 'web.yaml:7:1' });
    expect((await api.call('GET', `${PUSH}/web`)).json()).toMatchObject({ name: 'web', state: 'ok', declared: 2, inForce: 2, by: 'api@127.0.0.1' });
    expect(results((await put('web', [])).json())).toEqual(['Service b deleted', 'Service c deleted']);
    expect((await api.call('GET', PUSH)).json<{ pushes: PushStatus[] }>().pushes.map(({ name, declared }) => [name, declared])).toEqual([['web', 0]]);
  });

  it('is YAML as well', async () => {
    api = await TestApi.start();
    const yaml =
      'kind: Service\nname: a\nhost: a.example.com\nendpoints: [10.0.0.1:80]\n---\n- kind: Service\n  name: b\n  host: b.example.com\n  endpoints: [10.0.0.1]\n';
    const answer = (await put('web', yaml, '', { 'content-type': 'application/yaml' })).json<PushAnswer>();
    expect(results(answer)).toEqual(['Service a created']);
    expect(answer.problems).toMatchObject([{ code: 'invalid-request', object: 'b@push-web', origin: 'body:6:3' }]);
    const enveloped = 'ttl: 5m\nobjects:\n  - kind: Service\n    name: c\n    host: c.example.com\n    endpoints: [10.0.0.1:80]\n';
    expect((await put('web', enveloped, '', { 'content-type': 'text/yaml' })).json()).toMatchObject({ ttl: 300, expiresAt: expect.any(String) });
    expect((await put('web', '[]', '', { 'content-type': 'application/yaml' })).json<PushAnswer>().objects).toMatchObject([{ result: 'deleted' }]);
  });

  it('costs next to nothing when it is the same once more', async () => {
    api = await TestApi.start();
    await put('web', [service('a')], '?ttl=60s');
    const [before] = (await api.call('GET', PUSH)).json<{ pushes: PushStatus[] }>().pushes;
    const again = (await put('web', [service('a')], '?ttl=60')).json<PushAnswer>();
    expect(again).toMatchObject({ revision: 1, changed: false, objects: [{ name: 'a', result: 'unchanged' }] });
    const renewed = (await api.call('POST', `${PUSH}/web/renew`)).json<PushStatus>();
    expect(Date.parse(renewed.expiresAt ?? '')).toBeGreaterThanOrEqual(Date.parse(again.expiresAt ?? ''));
    expect(Date.parse(again.expiresAt ?? '')).toBeGreaterThanOrEqual(Date.parse(before?.expiresAt ?? ''));
    expect(renewed.at).toBe(before?.at);
    expect((await api.call('GET', '/metrics')).text).toMatch(/^envoyage_pushes_renewed_total 2$/m);
  });

  it('ends by itself when its time is over', async () => {
    api = await TestApi.start();
    await put('short', [service('a')], '?ttl=1s');
    await put('long', [service('b')]);
    await waitFor('the push to end', async () => (await names()).join() === 'b');
    expect((await api.call('GET', `${PUSH}/short`)).problem()).toMatchObject({ code: 'provider-not-found' });
    expect((await api.call('GET', '/metrics')).text).toMatch(/^envoyage_pushes_expired_total 1$/m);
  });

  it('can be taken away', async () => {
    api = await TestApi.start();
    await put('web', [service('a')]);
    expect((await api.call('DELETE', `${PUSH}/web`)).status).toBe(200);
    expect(await names()).toEqual([]);
    expect((await api.call('DELETE', `${PUSH}/web`)).problem().code).toBe('provider-not-found');
    expect((await api.call('POST', `${PUSH}/web/renew`)).problem().code).toBe('provider-not-found');
    expect(results((await put('web', [service('a')])).json())).toEqual(['Service a created']);
  });

  it('is kept while its provider is paused, and goes though it is', async () => {
    api = await TestApi.start();
    await put('web', [service('a')]);
    await api.call('POST', '/api/v1/providers/discovery/push-web/pause');
    expect((await put('web', [service('b')])).json()).toMatchObject({ state: 'paused', changed: false, objects: [{ name: 'a', result: 'unchanged' }] });
    expect((await api.call('POST', '/api/v1/providers/discovery/push-web/resume')).status).toBe(200);
    await waitFor('what was pushed meanwhile', async () => (await names()).join() === 'b');
    await api.call('POST', '/api/v1/providers/discovery/push-web/pause');
    expect((await api.call('DELETE', `${PUSH}/web`)).status).toBe(200);
    expect(await names()).toEqual([]);
    // Who comes by the same name later is somebody else.
    expect((await put('web', [service('c')])).json()).toMatchObject({ state: 'ok', changed: true });
  });

  it('tried changes nothing, and says what it would', async () => {
    api = await TestApi.start();
    await put('web', [service('a'), service('b')]);
    await api.call('POST', '/api/v1/services', { body: { id: 'mine', host: 'mine.example.com', endpoints: ['10.0.0.9:80'] } });
    const tried = (
      await put('web', [service('a', ['10.0.0.2:80']), service('c'), service('mine'), { kind: 'Service', name: 'd' }], '?dryRun=true&ttl=9s')
    ).json<PushAnswer>();
    expect(tried).toMatchObject({ dryRun: true, changed: true, ttl: 9, problemCount: 2 });
    expect(results(tried)).toEqual(['Service a changed', 'Service b deleted', 'Service c created']);
    expect(tried.problems.map(({ code, object }) => `${code} ${object}`).toSorted()).toEqual(['invalid-request d@push-web', 'shadowed mine@push-web']);
    expect(await names()).toEqual(['a', 'b', 'mine']);
    expect((await api.call('GET', `${PUSH}/web`)).json()).toMatchObject({ declared: 2, problemCount: 0 });
    expect((await put('new', [service('z')], '?dryRun=true')).status).toBe(200);
    expect((await api.call('GET', `${PUSH}/new`)).status).toBe(404);
  });

  it('has problems that hold up nothing else, and go by themselves', async () => {
    api = await TestApi.start();
    await api.call('POST', '/api/v1/services', { body: { id: 'mine', host: 'a.example.com', endpoints: ['10.0.0.9:80'] } });
    const answer = (await put('web', [service('a'), service('b'), { kind: 'Servise', name: 'x' }])).json<PushAnswer>();
    expect(results(answer)).toEqual(['Service b created']);
    expect(answer.problems.map(({ code }) => code).toSorted()).toEqual(['host-taken', 'invalid-request']);
    await api.call('DELETE', '/api/v1/services/mine');
    await waitFor('the host to be free', async () => (await names()).join() === 'a,b');
    expect((await api.call('GET', `${PUSH}/web`)).json()).toMatchObject({ state: 'degraded', declared: 3, inForce: 2, problemCount: 1 });
  });

  it('keeps the last good version of an object that is wrong', async () => {
    api = await TestApi.start();
    await put('web', [service('a')]);
    const answer = (await put('web', [{ ...service('a'), endpoints: 5 }])).json<PushAnswer>();
    expect([results(answer), answer.problemCount]).toEqual([['Service a unchanged'], 1]);
  });

  it('outlives the daemon, with its whole time anew, and keys of certificates cannot be read in it', async () => {
    const folder = tempFolder();
    api = await TestApi.start({}, {}, folder.kept);
    const authority = new Authority('test');
    const { cert, key } = authority.issue({ dns: ['a.example.com'] });
    await put('tls', [{ kind: 'Certificate', name: 'a', cert, key }], '?ttl=1h');
    await put('web', [service('a')]);
    const before = (await api.call('GET', '/api/v1/objects')).text;
    await api.daemon.close();
    const database = readFileSync(join(folder.path, 'data', 'envoyage.db'), 'latin1');
    expect(database).toContain('push-web');
    for (const line of secretLines({ key })) expect(database.includes(line)).toBe(false);
    api = await TestApi.start({}, {}, folder);
    const { pushes } = (await api.call('GET', PUSH)).json<{ pushes: PushStatus[] }>();
    expect(pushes).toMatchObject([
      { name: 'tls', ttl: 3600, state: 'ok', inForce: 1 },
      { name: 'web', state: 'ok', inForce: 1 },
    ]);
    expect((await api.call('GET', '/api/v1/objects')).text).toBe(before);
    expect(JSON.stringify(pushes)).not.toContain('PRIVATE');
  });
});

describe('what is refused', () => {
  it.each<[string, unknown, string, string, string]>([
    ['/web', '[', 'application/json', '', 'invalid-json'],
    ['/web', '', 'application/json', '', 'invalid-json'],
    ['/web', 'a: [', 'application/yaml', '', 'invalid-object'],
    ['/web', '# nothing', 'application/yaml', '', 'invalid-request'],
    ['/web', { objects: {} }, 'application/json', '', 'invalid-request'],
    ['/web', {}, 'application/json', '', 'invalid-request'],
    ['/web', '5', 'application/json', '', 'invalid-request'],
    ['/web', '5', 'application/yaml', '', 'invalid-request'],
    ['/web', { objekts: [service('a')] }, 'application/json', '', 'invalid-request'],
    ['/web', 'objekts: []', 'application/yaml', '', 'invalid-request'],
    ['/web', { objects: [], tl: 5 }, 'application/json', '', 'invalid-request'],
    ['/web', { objects: [], ttl: '5' }, 'application/json', '?ttl=never', 'invalid-request'],
    ['/web', { objects: [], ttl: 0 }, 'application/json', '', 'invalid-request'],
    ['/web', { objects: [], ttl: '9000h' }, 'application/json', '', 'invalid-request'],
    ['/Web', [], 'application/json', '', 'invalid-request'],
    ['/-', [], 'application/json', '', 'invalid-request'],
    ['/web', [], 'text/plain', '', 'unsupported-media-type'],
  ])('PUT %s %j as %s %s: %s', async (path, body, type, query, code) => {
    api = await TestApi.start();
    const answer = await api.call('PUT', `${PUSH}${path}${query}`, { body, headers: { 'content-type': type } });
    expect(answer.problem().code).toBe(code);
    expect((await api.call('GET', PUSH)).json()).toEqual({ pushes: [] });
  });

  it('is a body that is too large', async () => {
    api = await TestApi.start({ 'max-body-bytes': '1024' });
    expect((await put('web', [service('a'.repeat(2000))])).problem()).toMatchObject({ code: 'body-too-large' });
  });
});
