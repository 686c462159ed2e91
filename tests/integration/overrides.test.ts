import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClearedOverrides, OverrideList, WrittenOverride } from '../../src/api/types.ts';
import { type Answer, TestApi, tempFolder } from '../support/api.ts';
import { connectInSync, type DiscoveryClient } from '../support/discovery-client.ts';
import { EventReader } from '../support/events.ts';
import { ToldProvider } from '../support/told-provider.ts';
import { waitFor } from '../support/wait.ts';

const PATH = '/api/v1/overrides';
const ANN = { 'x-envoyage-author': 'ann@laptop' };
const web = (...endpoints: unknown[]) => ({ kind: 'Service', name: 'web', host: 'web.example.com', endpoints });

let folder: ReturnType<typeof tempFolder>;
let api: TestApi;
let docker: ToldProvider;
let clients: DiscoveryClient[];

const start = async (): Promise<TestApi> => TestApi.start({ 'provider-module': [docker.moduleIn(folder.path)] }, {}, folder.kept);

beforeEach(async () => {
  folder = tempFolder();
  docker = new ToldProvider('docker');
  clients = [];
  api = await start();
  docker.say([web('10.0.0.1:80', { address: '10.0.0.2:80', weight: 7 })]);
  await waitFor('web', async () => (await endpoints()) !== undefined);
});

afterEach(async () => {
  await api.end(clients);
  folder.remove();
});

const endpoints = async (): Promise<unknown> => {
  const answer = await api.call('GET', '/api/v1/services/web');
  return answer.status === 200 ? answer.json<{ endpoints: unknown }>().endpoints : undefined;
};
const put = (body: unknown, query = '', service = 'web'): Promise<Answer> => api.call('PUT', `${PATH}/${service}${query}`, { body, headers: ANN });
const clear = (query = '', service = 'web'): Promise<Answer> => api.call('DELETE', `${PATH}/${service}${query}`, { headers: ANN });
const list = async () => (await api.call('GET', PATH)).json<OverrideList>().overrides;

describe('an override', () => {
  it('is in force when it is answered, and the Envoys have it where that was asked for', async () => {
    clients.push(await connectInSync(api, 'a'));
    const answer = (
      await put({ endpoint: '10.0.0.1:80', state: 'draining', ttl: '1h', reason: 'new kernel' }, '?wait=acked&timeout=60')
    ).json<WrittenOverride>();
    expect(await endpoints()).toEqual([
      { address: '10.0.0.1:80', state: 'draining' },
      { address: '10.0.0.2:80', weight: 7 },
    ]);
    const { at, until = '' } = answer.override;
    expect(Date.parse(until) - Date.parse(at)).toBe(3_600_000);
    const override = {
      service: 'web',
      endpoint: '10.0.0.1:80',
      state: 'draining',
      by: 'ann@laptop',
      reason: 'new kernel',
      provider: 'docker',
      inForce: true,
      at,
      until,
    };
    expect(answer).toEqual({ override, revision: await api.revision(), rollout: expect.objectContaining({ state: 'live', nodes: 1, acked: 1 }) as unknown });
    expect(answer.rollout?.revision).toBe(answer.revision);
    expect(await list()).toEqual([override]);
    const cleared = (await clear('?endpoint=10.0.0.1:80&wait=acked&timeout=60')).json<ClearedOverrides>();
    const { provider: _, inForce: __, ...laid } = override;
    expect(cleared).toMatchObject({ cleared: [laid], rollout: { state: 'live', acked: 1 } });
    expect(await endpoints()).toEqual(['10.0.0.1:80', { address: '10.0.0.2:80', weight: 7 }]);
    expect(await list()).toEqual([]);
  });

  it('of one endpoint goes before one of all, whichever came first', async () => {
    await put({ endpoint: '10.0.0.2:80', weight: 3 });
    await put({ weight: 50, state: 'draining' });
    expect(await endpoints()).toEqual([
      { address: '10.0.0.1:80', weight: 50, state: 'draining' },
      { address: '10.0.0.2:80', weight: 3, state: 'draining' },
    ]);
    expect((await list()).map(({ endpoint, inForce }) => [endpoint, inForce])).toEqual([
      [undefined, true],
      ['10.0.0.2:80', true],
    ]);
    // In the place of the one before.
    await put({ endpoint: '10.0.0.2:80', state: 'healthy' });
    expect(await endpoints()).toEqual([
      { address: '10.0.0.1:80', weight: 50, state: 'draining' },
      { address: '10.0.0.2:80', weight: 50 },
    ]);
    expect((await clear()).json<ClearedOverrides>().cleared).toHaveLength(2);
    expect(await endpoints()).toEqual(['10.0.0.1:80', { address: '10.0.0.2:80', weight: 7 }]);
  });

  it('stays over what the provider says next, over a restart, and while its endpoint is gone', async () => {
    await put({ endpoint: '10.0.0.1:80', state: 'disabled' });
    docker.say([web('10.0.0.1:80', '10.0.0.3:80')]);
    const both = [{ address: '10.0.0.1:80', state: 'disabled' }, '10.0.0.3:80'];
    await waitFor('what was said', async () => JSON.stringify(await endpoints()) === JSON.stringify(both));
    await api.close();
    api = await start();
    expect(await endpoints()).toEqual(both);
    docker.say([web('10.0.0.3:80')]);
    await waitFor('it to wait', async () => (await list())[0]?.inForce === false);
    docker.say([web('10.0.0.1:80', '10.0.0.3:80')]);
    await waitFor('it to be in force again', async () => (await list())[0]?.inForce === true);
    expect(await endpoints()).toEqual(both);
    docker.say([]);
    await waitFor('web to go', async () => (await endpoints()) === undefined);
    expect(await list()).toMatchObject([{ service: 'web', inForce: false }]);
    expect((await clear()).status).toBe(200);
  });

  it('ends when its time is up, and events tell of it all', async () => {
    const events = await EventReader.open(api.port, '?only=override');
    await put({ endpoint: '10.0.0.2:80', weight: 2 });
    await clear();
    await put({ endpoint: '10.0.0.1:80', state: 'draining', ttl: '1s' });
    expect(await endpoints()).toContainEqual({ address: '10.0.0.1:80', state: 'draining' });
    await waitFor('its end', async () => (await list()).length === 0);
    await waitFor('what the provider says', async () => JSON.stringify(await endpoints()).includes('["10.0.0.1:80"'));
    const told = await events.until('its end', (all) => all.length === 4);
    expect(told.flatMap((each) => (each.event === 'override' ? [[each.what, each.by, each.override.endpoint]] : []))).toEqual([
      ['laid', 'ann@laptop', '10.0.0.2:80'],
      ['cleared', 'ann@laptop', '10.0.0.2:80'],
      ['laid', 'ann@laptop', '10.0.0.1:80'],
      ['ended', undefined, '10.0.0.1:80'],
    ]);
    events.close();
  });

  it('holds over a provider that is paused, too, and nothing else of it changes', async () => {
    await api.call('POST', '/api/v1/providers/discovery/docker/pause');
    docker.say([web('10.0.0.1:80', '10.0.0.9:80')]);
    const { override } = (await put({ endpoint: '10.0.0.1:80', state: 'disabled' })).json<WrittenOverride>();
    expect(override.inForce).toBe(true);
    expect(await endpoints()).toEqual([
      { address: '10.0.0.1:80', state: 'disabled' },
      { address: '10.0.0.2:80', weight: 7 },
    ]);
    await clear();
    expect(await endpoints()).toEqual(['10.0.0.1:80', { address: '10.0.0.2:80', weight: 7 }]);
  });

  it('is for what a provider has, by the name that it has', async () => {
    await api.call('POST', '/api/v1/services', { body: { id: 'mine', host: 'mine.example.com', endpoints: ['m:1'] }, headers: ANN });
    expect((await put({ state: 'draining' }, '', 'mine')).problem()).toMatchObject({
      status: 409,
      code: 'owned-by-people',
      hint: 'envoyage edit service mine',
    });
    expect((await put({ state: 'draining' }, '', 'wbe')).problem()).toMatchObject({
      status: 404,
      code: 'service-not-found',
      detail: 'there is no service "wbe" (did you mean "web"?)',
    });
    expect((await put({ endpoint: '10.0.0.1:81', state: 'draining' })).problem()).toMatchObject({
      status: 404,
      code: 'endpoint-not-found',
      detail: 'service "web" has no endpoint "10.0.0.1:81" (did you mean "10.0.0.1:80"?)',
    });
    expect((await clear()).problem()).toMatchObject({ status: 404, code: 'override-not-found', detail: 'service "web" has no override' });
    await put({ endpoint: '10.0.0.1:80', state: 'draining' });
    expect((await clear('', 'wbe')).problem()).toMatchObject({ code: 'override-not-found', detail: 'service "wbe" has no override (did you mean "web"?)' });
    expect((await clear('?endpoint=10.0.0.2:80')).problem()).toMatchObject({ detail: expect.stringContaining('(did you mean "10.0.0.1:80"?)') as unknown });
  });

  it.each([
    [{}, 'an override must say a weight or a state'],
    [{ endpoint: '10.0.0.1:80', ttl: '1h' }, 'an override must say a weight or a state'],
    [{ weight: 0 }, 'the weight must be a whole number from 1 to 1000'],
    [{ state: 'gone' }, 'the state must be one of healthy, draining, disabled'],
    [{ state: 'draining', ttl: '0.5s' }, 'is shorter than 1000ms'],
    [{ state: 'draining', ttl: 5 }, 'the ttl must be a string, as in "15s"'],
    [{ state: 'draining', endpoint: 'http://a' }, 'is a URL'],
    [{ state: 'draining', reason: 'two\nlines' }, 'the reason must be 1 to 500 characters on one line'],
    [{ stat: 'draining' }, 'unknown field "stat" (did you mean "state"?)'],
    [[], 'the body must be an object'],
  ])('%j is refused', async (body, message) => {
    const problem = (await put(body)).problem();
    expect([problem.status, problem.detail]).toEqual([400, expect.stringContaining(message)]);
    expect(await list()).toEqual([]);
  });
});
