import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApi, tempFolder } from '../support/api.ts';
import { cli } from '../support/cli.ts';
import { DiscoveryClient } from '../support/discovery-client.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, testEnvoy } from '../support/envoys.ts';
import { EventReader } from '../support/events.ts';

// The daemon finds it where that put it, and installs none by itself.
beforeAll(() => testEnvoy('1.40.0'), ENVOY_INSTALL_TIMEOUT_MS);

const WEB = { kind: 'Service', name: 'web', host: 'web.example.com', endpoints: ['10.0.0.1:80'] };
const route = (value: string): object => ({
  kind: 'Route',
  name: 'api',
  hosts: ['api.example.com'],
  to: [{ service: 'web' }],
  headers: { request: { set: { 'x-a': value } } },
});
// Ours takes it, Envoy does not: the operator is not one that it has.
const BAD = route('%NO_SUCH_FIELD%');

describe('--check-with-envoy', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const each of open.splice(0).toReversed()) await each.close();
  });
  const start = async (flags: Parameters<typeof TestApi.start>[0], folder = tempFolder()): Promise<TestApi> => {
    const api = await TestApi.start(flags, {}, folder);
    open.push(api);
    return api;
  };
  const apply = (api: TestApi, ...objects: object[]) => api.call('POST', '/api/v1/apply', { body: { objects: objects.map((object) => ({ object })) } });

  it('has a real Envoy judge each write, and refuses what that refuses: nothing is stored, nothing is published', async () => {
    const api = await start({ 'check-with-envoy': true });
    const accepted = await apply(api, WEB, route('%PROTOCOL%'));
    expect(accepted.json()).toMatchObject({ changed: true, revision: 1, envoy: [{ group: 'default', outcome: 'accepted', envoy: '1.40.0' }] });

    const envoy = new DiscoveryClient(api.daemon.xdsAddress.port, 'edge-1');
    open.push(envoy);
    const reader = await EventReader.open(api.port, '?only=revision,publication');
    open.push(reader);
    const refused = [
      await apply(api, BAD),
      await api.call('POST', '/api/v1/apply?dryRun=true', { body: { objects: [{ object: BAD }] } }),
      await api.call('PUT', '/api/v1/objects/Route/api', { body: BAD }),
      await api.call('PUT', '/api/v1/objects/Route/new', { body: { ...BAD, name: 'new' } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
    for (const each of refused) {
      expect(each.problem().code).toBe('envoy-rejected');
      expect(each.problem().detail).toContain('NO_SUCH_FIELD');
    }
    // What is good goes on, by every way there is; the events begin with it.
    expect((await api.call('PUT', '/api/v1/objects/Route/api', { body: route('a') })).json()).toMatchObject({ revision: 2 });
    expect((await api.call('POST', '/api/v1/services', { body: { host: 'b.example.com', endpoints: ['10.0.0.1:1'] } })).json()).toMatchObject({ revision: 3 });
    expect((await api.call('PUT', '/api/v1/services/b.example.com', { body: { host: 'b.example.com', endpoints: ['10.0.0.1:2'] } })).status).toBe(200);
    expect((await api.call('PATCH', '/api/v1/services/b.example.com', { body: { endpoints: ['10.0.0.1:3'] } })).status).toBe(200);
    expect((await api.call('DELETE', '/api/v1/services/b.example.com')).status).toBe(200);
    expect((await api.call('DELETE', '/api/v1/objects/Route/api')).json()).toMatchObject({ revision: 7 });
    expect((await api.call('POST', '/api/v1/rollback', { body: { revision: 1 } })).json()).toMatchObject({ revision: 8 });
    expect((await api.call('PUT', '/api/v1/objects/Route/api', { body: route('a'), headers: { 'if-none-match': '*' } })).status).toBe(412);
    await reader.until('all', (told) => told.some(({ event, revision }) => event === 'publication' && revision === 8));
    expect(reader.names.filter((name) => name.startsWith('revision'))).toEqual([2, 3, 4, 5, 6, 7, 8].map((number) => `revision ${number}`));
    expect((await api.call('GET', '/api/v1/objects/Route/api')).json()).toMatchObject(route('%PROTOCOL%'));
    expect(api.faults).toEqual([]);
  });

  it('does not let a rollback bring back what Envoy refuses', async () => {
    const folder = tempFolder();
    const first = await TestApi.start({}, {}, folder.kept);
    await apply(first, WEB, BAD);
    await apply(first, route('a'));
    await first.close();
    const api = await start({ 'check-with-envoy': true }, folder);
    const answer = await api.call('POST', '/api/v1/rollback', { body: { revision: 1 } });
    expect([answer.status, answer.problem().code, await api.revision()]).toEqual([422, 'envoy-rejected', 2]);
  });

  it('does not start where there is no Envoy', async () => {
    const empty = tempFolder();
    open.push({ close: () => empty.remove() });
    vi.stubEnv('ENVOY_BIN', '');
    vi.stubEnv('PATH', empty.path);
    vi.stubEnv('XDG_CACHE_HOME', empty.path);
    await expect(TestApi.start({ 'check-with-envoy': true })).rejects.toMatchObject({
      code: 'envoy-not-found',
      message: expect.stringContaining('check-with-envoy needs an Envoy program: there is no envoy on the PATH') as unknown,
      hint: expect.stringContaining('set ENVOY_BIN') as unknown,
    });
  });
});

describe('--envoy of apply and validate', () => {
  let api: TestApi;
  afterEach(() => api.close());
  const envoyage = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli(api, args);
    return { code, stdout, stderr };
  };
  const write = (file: string, object: object): void => writeFileSync(join(api.folder, file), JSON.stringify(object));

  it('says what a real Envoy makes of it, and has nothing changed that it refuses', async () => {
    api = await TestApi.start();
    write('web.json', WEB);
    write('good.json', route('a'));
    write('bad.json', BAD);
    const server = `http://127.0.0.1:${api.port}`;
    expect(await envoyage('validate', '-f', 'web.json', '-f', 'good.json', '--server', server, '--envoy')).toEqual({
      code: 0,
      stdout: `2 objects are valid, and fit what ${server} has\ngroup default: accepted by Envoy 1.40.0\n`,
      stderr: '',
    });
    expect(await api.revision()).toBe(0);
    for (const command of [
      ['apply', '-f', 'web.json', '-f', 'bad.json', '--envoy'],
      ['apply', '-f', 'web.json', '-f', 'bad.json', '--envoy', '--dry-run'],
      ['validate', '-f', 'web.json', '-f', 'bad.json', '--server', server, '--envoy'],
    ]) {
      const refused = await envoyage(...command);
      expect([refused.code, refused.stdout]).toEqual([2, '']);
      expect(refused.stderr).toContain('refuses what group "default" would be sent');
    }
    expect(await api.revision()).toBe(0);
    const { code, stdout } = await envoyage('apply', '-f', 'web.json', '-f', 'good.json', '--envoy', '--no-wait');
    expect([code, stdout.split('\n').slice(2)]).toEqual([0, ['group default: accepted by Envoy 1.40.0', '2 created, saved as revision 1', '']]);
    expect(await envoyage('validate', '-f', 'web.json', '--envoy')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--envoy needs a daemon to ask') as unknown,
    });
  });
});
