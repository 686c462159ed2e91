import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { TestApi, tempFolder } from '../support/api.ts';
import { DiscoveryClient } from '../support/discovery-client.ts';
import { EventReader, type Told } from '../support/events.ts';
import { waitFor } from '../support/wait.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['10.0.0.1:5678'] };

describe('/api/v1/events', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
  });
  const start = async (flags = {}, folder?: ReturnType<typeof tempFolder>): Promise<TestApi> => {
    const api = await TestApi.start(flags, {}, folder);
    open.push(api);
    return api;
  };
  const listen = async (api: TestApi, query = '', headers = {}): Promise<EventReader> => {
    const reader = await EventReader.open(api.port, query, headers);
    open.push(reader);
    return reader;
  };
  const switchTo = (api: TestApi, port: number) => api.call('PUT', `${SERVICES}/web.example.com`, { body: { ...web, endpoints: [`10.0.0.1:${port}`] } });

  it('tells of revisions, publications and Envoys, as they happen', async () => {
    const api = await start();
    const reader = await listen(api);
    expect(reader.response.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    const envoy = new DiscoveryClient(api.daemon.xdsAddress.port, 'edge-1', { group: 'edge' });
    open.push(envoy);
    await reader.until('the Envoy', (told) => told.some(({ event }) => event === 'connected'));
    await api.call('POST', SERVICES, { body: web, headers: { 'x-envoyage-author': 'ann@laptop' } });
    await reader.until('the revision to be live', (told) => told.some(({ event }) => event === 'live'));
    expect(reader.told.map(({ id: _, time: __, ...rest }) => rest)).toEqual([
      { event: 'connected', revision: 0, node: 'edge-1', group: 'edge', agent: 'test', address: expect.stringContaining('127.0.0.1') as unknown },
      { event: 'revision', revision: 1, author: 'ann@laptop', changes: [{ kind: 'Service', name: 'web.example.com', change: 'created' }] },
      { event: 'publication', revision: 1 },
      { event: 'live', of: 1, revision: 1, state: 'live', nodes: 1, acked: 1, elapsedMs: expect.any(Number) as unknown },
    ]);
    envoy.manner = 'reject';
    await api.call('PUT', `${SERVICES}/web.example.com`, { body: { ...web, endpoints: ['web-b:5678'] } });
    await reader.until('the rejection', (told) => told.some(({ event }) => event === 'rejected'));
    expect(reader.told.find(({ event }) => event === 'rejected')).toMatchObject({ node: 'edge-1', group: 'edge', type: 'cds' });
    expect(reader.told.find(({ event, revision }) => event === 'revision' && revision === 2)).toMatchObject({
      changes: [{ name: 'web.example.com', change: 'changed', fields: ['endpoints'] }],
    });
    envoy.close();
    await reader.until('the end of the Envoy', (told) => told.some(({ event }) => event === 'gone'));
  });

  it('goes on after the last event that was seen, and tells none twice', async () => {
    const api = await start();
    const first = await listen(api, '?only=revision');
    for (let port = 1; port <= 5; port++) await switchTo(api, port);
    await first.until('five', (told) => told.length === 5);
    first.close();
    for (let port = 6; port <= 8; port++) await switchTo(api, port);
    const second = await listen(api, '?only=revision', { 'last-event-id': first.told[2]?.id ?? '' });
    await second.until('the rest', (told) => told.length === 5);
    expect(second.names).toEqual([4, 5, 6, 7, 8].map((number) => `revision ${number}`));
    const third = await listen(api, '?since=6');
    await third.until('two revisions', (told) => told.filter(({ event }) => event === 'revision').length === 2);
    expect(third.names.filter((name) => name.startsWith('revision'))).toEqual(['revision 7', 'revision 8']);
    expect(third.names).not.toContain('gap');
  });

  it('has the revisions from the journal after a restart, and says that the rest is not known', async () => {
    const folder = tempFolder();
    const first = await TestApi.start({}, {}, folder.kept);
    const reader = await EventReader.open(first.port);
    for (let port = 1; port <= 250; port++) await switchTo(first, port);
    await reader.until('the last', (told) => told.some(({ revision }) => revision === 250));
    const seen = reader.told.find(({ event, revision }) => event === 'revision' && revision === 20) as Told;
    await first.close();
    await waitFor('the end of the stream', () => reader.ended);

    const api = await start({}, folder);
    await switchTo(api, 999);
    const second = await listen(api, '', { 'last-event-id': seen.id });
    await second.until('all', (told) => told.some(({ event, revision }) => event === 'publication' && revision === 251));
    expect(second.names.filter((name) => name !== 'live')).toEqual(['gap', ...Array.from({ length: 231 }, (_, i) => `revision ${i + 21}`), 'publication']);
    expect(second.told[0]).toMatchObject({ lost: 'others', from: 21 });
    // Where it comes back in the middle of what the journal said, it goes on there.
    const third = await listen(api, `?only=revision&since=${second.told[5]?.id}`);
    await third.until('all', (told) => told.some(({ revision }) => revision === 251));
    expect(third.names.slice(0, 2)).toEqual(['gap', 'revision 26']);
  });

  it('speaks WebSocket on the same path', async () => {
    const api = await start();
    for (let port = 1; port <= 3; port++) await switchTo(api, port);
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/v1/events?since=1&only=revision`);
    open.push(socket);
    const told: Told[] = [];
    socket.addEventListener('message', ({ data }) => told.push(JSON.parse(String(data)) as Told));
    await waitFor('what was', () => told.length === 2);
    await switchTo(api, 4);
    await waitFor('what is', () => told.length === 3);
    expect(told.map(({ revision }) => revision)).toEqual([2, 3, 4]);
    const closed = once(socket, 'close') as Promise<[CloseEvent]>;
    await api.daemon.close();
    expect((await closed)[0].code).toBe(1001);
  });

  it('says why a WebSocket is refused, and lets in nobody who may not ask', async () => {
    const api = await start();
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/v1/events?since=yesterday`);
    const [closed] = (await once(socket, 'close')) as [CloseEvent];
    expect([closed.code, closed.reason]).toEqual([1008, expect.stringContaining('since "yesterday" is neither the number of a revision') as unknown]);
    const raw = connect(api.port, '127.0.0.1');
    raw.write(
      'GET /api/v1/events HTTP/1.1\r\nHost: evil.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    const [answer] = (await once(raw, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 /);
    raw.destroy();
  });

  it.each([
    ['?since=yesterday', 'since "yesterday" is neither'],
    ['?only=revison', 'there is no event "revison" (did you mean "revision"?)'],
    ['?sinc=1', 'unknown query parameter "sinc" (did you mean "since"?)'],
  ])('refuses %s', async (query, message) => {
    const api = await start();
    const answer = await api.call('GET', `/api/v1/events${query}`);
    expect(answer.problem()).toMatchObject({ status: 400, code: 'invalid-request', detail: expect.stringContaining(message) as unknown });
  });

  it('listens to so many at a time, and has room again when one has left', async () => {
    const api = await start();
    const readers = await Promise.all(Array.from({ length: 100 }, () => listen(api)));
    expect((await api.call('GET', '/api/v1/events')).problem()).toMatchObject({ status: 503, code: 'too-many-listeners' });
    readers[0]?.close();
    await waitFor('room', async () => {
      const reader = await listen(api);
      return reader.response.statusCode === 200;
    });
  });

  it('lets everyone go when it shuts down', async () => {
    const api = await start();
    const reader = await listen(api);
    await api.daemon.close();
    await waitFor('its end', () => reader.ended);
  });
});
