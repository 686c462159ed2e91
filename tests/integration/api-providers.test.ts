import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderDetail, ProviderDone, ProviderList } from '../../src/api/types.ts';
import { type Answer, TestApi, tempFolder } from '../support/api.ts';
import { connectInSync, type DiscoveryClient } from '../support/discovery-client.ts';
import { ToldProvider } from '../support/told-provider.ts';
import { waitFor } from '../support/wait.ts';

const PATH = '/api/v1/providers/discovery';
const ANN = { 'x-envoyage-author': 'ann@laptop' };
const service = (name: string, ...endpoints: string[]) => ({ kind: 'Service', name, host: `${name}.example.com`, endpoints });

let folder: ReturnType<typeof tempFolder>;
let api: TestApi;
let docker: ToldProvider;
let files: ToldProvider;
let clients: DiscoveryClient[];

const start = async (): Promise<TestApi> => TestApi.start({ 'provider-module': [docker.moduleIn(folder.path), files.moduleIn(folder.path)] }, {}, folder.kept);

beforeEach(async () => {
  folder = tempFolder();
  docker = new ToldProvider('docker');
  files = new ToldProvider('files');
  clients = [];
  api = await start();
});

afterEach(async () => {
  await api.end(clients);
  folder.remove();
});

const list = async (): Promise<ProviderList> => (await api.call('GET', PATH)).json<ProviderList>();
const detail = async (name: string, query = ''): Promise<ProviderDetail> => (await api.call('GET', `${PATH}/${name}${query}`)).json<ProviderDetail>();
const post = (name: string, what: string, query = ''): Promise<Answer> => api.call('POST', `${PATH}/${name}/${what}${query}`, { headers: ANN });
const endpointsOf = async (id: string): Promise<unknown> => {
  const answer = await api.call('GET', `/api/v1/services/${id}`);
  return answer.status === 200 ? answer.json<{ endpoints: unknown }>().endpoints : undefined;
};
const until = (id: string, ...endpoints: string[]) =>
  waitFor(`${id} at ${endpoints.join()}`, async () => JSON.stringify(await endpointsOf(id)) === JSON.stringify(endpoints));

describe('the providers', () => {
  it('are listed with how they are, what they have, and what is wrong', async () => {
    docker.say([service('web', '10.0.0.1:80'), service('api', '10.0.0.2:80'), service('bad')]);
    await until('web', '10.0.0.1:80');
    const { providers, overrides, revision } = await waitFor('the problem', async () => {
      const found = await list();
      return found.providers[0]?.problemCount === 1 ? found : undefined;
    });
    expect([overrides, revision]).toEqual([0, await api.revision()]);
    expect(providers.map(({ name }) => name)).toEqual(['docker', 'files']);
    expect(providers[0]).toMatchObject({
      source: 'a test',
      state: 'degraded',
      objects: { Service: 2 },
      revision,
      problems: [{ object: 'bad@docker', origin: 'place 3', code: 'invalid-request', message: expect.stringContaining('endpoints') as unknown }],
    });
    expect(providers[1]).toMatchObject({ state: 'ok', objects: {}, problems: [] });
    expect((await api.call('GET', '/api/v1/services/web')).json()).toMatchObject({ provider: 'docker', origin: 'place 1', updatedBy: 'docker@provider' });
  });

  it('are told of one by one, with every problem and the keys of their objects, a page at a time', async () => {
    docker.say([
      ...Array.from({ length: 30 }, (_, i) => service(`s${String(i).padStart(2, '0')}`, 'a:1')),
      ...Array.from({ length: 40 }, (_, i) => service(`bad${i}`)),
    ]);
    await waitFor('all of it', async () => (await detail('docker')).provider.problemCount === 40);
    expect((await list()).providers[0]?.problems).toHaveLength(20);
    const all = await detail('docker');
    expect([all.provider.problems.length, all.keys.length, all.next]).toEqual([40, 30, null]);
    const pages: ProviderDetail[] = [];
    for (let offset: number | null = 0; offset !== null; offset = pages.at(-1)?.next ?? null) pages.push(await detail('docker', `?limit=16&offset=${offset}`));
    expect(pages.map(({ provider, keys }) => [provider.problems.length, keys.length])).toEqual([
      [16, 16],
      [16, 14],
      [8, 0],
    ]);
    expect(pages.flatMap(({ provider }) => provider.problems)).toEqual(all.provider.problems);
    expect(pages.flatMap(({ keys }) => keys)).toEqual(all.keys);
    expect((await api.call('GET', `${PATH}/docker?limit=0`)).problem()).toMatchObject({
      status: 400,
      errors: [{ field: '/limit', message: 'limit must be 1 to 10000' }],
    });
  });

  it('are not found by another name, and the nearest is named', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['POST', '/resync'],
    ] as const) {
      expect((await api.call(method, `${PATH}/dokcer${path}`)).problem()).toMatchObject({
        status: 404,
        code: 'provider-not-found',
        detail: 'there is no provider "dokcer" (did you mean "docker"?)',
        hint: 'envoyage providers',
      });
    }
  });

  it('are paused, over a restart as well, and take up what they said meanwhile', async () => {
    docker.say([service('web', '10.0.0.1:80')]);
    await until('web', '10.0.0.1:80');
    const paused = (await post('docker', 'pause')).json<ProviderDone>();
    expect(paused.provider).toMatchObject({ state: 'paused', paused: { by: 'ann@laptop' } });
    docker.say([service('web', '10.0.0.2:80')]);
    await api.close();
    api = await start();
    expect((await detail('docker')).provider).toMatchObject({ state: 'paused', paused: { by: 'ann@laptop' }, objects: { Service: 1 } });
    expect(await endpointsOf('web')).toEqual(['10.0.0.1:80']);
    clients.push(await connectInSync(api, 'a'));
    // What comes right after something else is looked at later.
    docker.say([service('web', '10.0.0.2:80')]);
    const resumed = (await post('docker', 'resume', '?wait=acked&timeout=60')).json<ProviderDone>();
    expect(resumed).toMatchObject({ provider: { state: 'ok' }, rollout: { state: 'live', nodes: 1, acked: 1 } });
    expect(resumed.rollout?.revision).toBe(resumed.revision);
    // What it answers is in force already.
    expect(await endpointsOf('web')).toEqual(['10.0.0.2:80']);
  });

  it('read anew when they are told to, and the answer comes when the Envoys have it', async () => {
    clients.push(await connectInSync(api, 'a'));
    docker.say([service('web', '10.0.0.1:80')]);
    await until('web', '10.0.0.1:80');
    const { published } = (await detail('docker')).provider.counts;
    const done = (await post('docker', 'resync', '?wait=acked&timeout=60')).json<ProviderDone>();
    expect(done).toMatchObject({ synced: true, provider: { state: 'ok' }, rollout: { state: 'live', acked: 1 } });
    expect(done.provider.counts.published).toBe(published + 1);
    expect(docker.resyncs).toBe(1);
    const now = (await post('docker', 'resync')).json<ProviderDone>();
    expect([now.synced, now.rollout, docker.resyncs]).toEqual([undefined, undefined, 2]);
  });

  it('say so at once where they cannot read their source, and in the end where they take longer than anybody waits', { timeout: 60_000 }, async () => {
    docker.say([service('web', '10.0.0.1:80')]);
    await until('web', '10.0.0.1:80');
    docker.away('connect ENOENT /var/run/docker.sock');
    const down = (await post('docker', 'resync', '?wait=acked&timeout=300')).json<ProviderDone>();
    expect(down).toMatchObject({ synced: false, provider: { state: 'down', message: 'connect ENOENT /var/run/docker.sock', objects: { Service: 1 } } });
    docker.away(undefined);
    docker.isSlow = true;
    expect((await post('docker', 'resync', '?wait=acked&timeout=0.2')).json<ProviderDone>()).toMatchObject({ synced: false, provider: { state: 'ok' } });
  });

  it('have objects that people cannot change, and people have some that providers cannot take', async () => {
    docker.say([service('web', '10.0.0.1:80')]);
    await until('web', '10.0.0.1:80');
    const refused = (
      await api.call('PATCH', '/api/v1/services/web', { body: { endpoints: ['b:1'] }, headers: { 'content-type': 'application/merge-patch+json' } })
    ).problem();
    expect(refused).toMatchObject({ status: 409, code: 'owned-by-provider', hint: expect.stringContaining('envoyage override web') as unknown });
    await api.call('POST', '/api/v1/services', { body: { id: 'mine', host: 'mine.example.com', endpoints: ['m:1'] }, headers: ANN });
    docker.say([service('web', '10.0.0.1:80'), service('mine', '10.0.0.9:80')]);
    const problem = await waitFor('the conflict', async () => (await detail('docker')).provider.problems[0]);
    expect(problem).toMatchObject({ code: 'shadowed', object: 'mine@docker', hint: expect.stringContaining('envoyage delete service mine ') as unknown });
    expect(await endpointsOf('mine')).toEqual(['m:1']);
  });
});
