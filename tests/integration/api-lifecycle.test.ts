import { once } from 'node:events';
import { Agent } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { WrittenService } from '../../src/api/types.ts';
import { Closers } from '../../src/daemon/closers.ts';
import type { EnvoyageError } from '../../src/lib/errors.ts';
import { Journal } from '../../src/registry/journal.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { DiscoveryClient } from '../support/discovery-client.ts';
import { connected, speak } from '../support/raw.ts';
import { waitFor } from '../support/wait.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['10.0.0.1:5678'] };

/** A port of loopback that somebody has. */
async function takenPort(): Promise<{ port: number; free(): Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, free: () => once(server.close(), 'close') };
}

async function refusalOf(started: Promise<TestApi>): Promise<EnvoyageError> {
  try {
    await (await started).close();
  } catch (thrown) {
    return thrown as EnvoyageError;
  }
  throw new Error('it should not have started');
}

describe('a daemon that cannot start', () => {
  const folder = tempFolder();
  afterEach(() => folder.remove());

  it('says which address is in use and how to see by whom, and leaves nothing open', async () => {
    const taken = await takenPort();
    const address = `127.0.0.1:${taken.port}`;
    const http = await refusalOf(TestApi.start({ 'http-address': address }, {}, folder.kept));
    expect(http).toMatchObject({
      code: 'address-in-use',
      message: `cannot serve the HTTP API on ${address}: the port is in use`,
      hint: `see who has it: ss -ltnp 'sport = :${taken.port}'; or choose another: envoyage serve --http-address 127.0.0.1:${taken.port + 1}`,
    });
    const xds = await refusalOf(TestApi.start({ 'xds-address': address }, {}, folder.kept));
    expect(xds).toMatchObject({ code: 'address-in-use', message: `cannot serve xDS on ${address}: the port is in use` });
    await taken.free();
    // The same database, the same port: neither is held by what did not start.
    const api = await TestApi.start({ 'http-address': address }, {}, folder.kept);
    expect((await api.call('GET', '/readyz')).status).toBe(200);
    await api.close();
  });

  it('gives the xDS port back where the HTTP one is taken', async () => {
    const taken = await takenPort();
    const free = await takenPort();
    await free.free();
    const flags = { 'http-address': `127.0.0.1:${taken.port}`, 'xds-address': `127.0.0.1:${free.port}` };
    await refusalOf(TestApi.start(flags, {}, folder.kept));
    const server = createServer().listen(free.port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await taken.free();
  });

  it.each(['192.0.2.1:0', '[2001:db8::1]:0', 'no-such-name.invalid:0'])('says why it cannot listen on %s', async (address) => {
    const http = await refusalOf(TestApi.start({ 'http-address': address }, {}, folder.kept));
    expect(http).toMatchObject({
      code: 'address-unavailable',
      message: expect.stringContaining(`cannot serve the HTTP API on ${address}: `) as unknown,
      hint: 'choose another address: envoyage serve --http-address HOST:PORT',
    });
  });

  it('does not use a database that another one has open', async () => {
    const first = await TestApi.start({}, {}, folder.kept);
    expect(await refusalOf(TestApi.start({}, {}, folder.kept))).toMatchObject({ code: 'store-unusable' });
    expect((await first.call('POST', SERVICES, { body: web })).status).toBe(201);
    await first.close();
  });
});

describe('a daemon that closes', () => {
  it('frees its ports and ends kept-alive connections', async () => {
    const api = await TestApi.start();
    const { httpAddress, xdsAddress } = api.daemon;
    const agent = new Agent({ keepAlive: true, maxSockets: 5 });
    await Promise.all(Array.from({ length: 5 }, () => api.raw('GET', '/healthz', { agent })));
    const idle = await connected(httpAddress.port);
    const ended = once(idle, 'close');
    await api.daemon.close();
    await ended;
    await expect(api.raw('GET', '/healthz', { agent })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    agent.destroy();
    for (const { port } of [httpAddress, xdsAddress]) {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      server.close();
    }
    await api.close();
  });

  it('answers those who wait for Envoys, and they learn that their change is saved', async () => {
    const api = await TestApi.start();
    const slow = new DiscoveryClient(api.daemon.xdsAddress.port, 'slow', { manner: 'silent' });
    await waitFor('the client', async () => (await api.call('GET', '/api/v1/nodes')).text.includes('"slow"'));
    const agent = new Agent({ keepAlive: true });
    const writes = Array.from({ length: 5 }, (_, i) =>
      api.raw('POST', `${SERVICES}?wait=acked&timeout=290`, { body: { ...web, host: `h${i}.example.com` }, agent }),
    );
    await waitFor('the writes', async () => (await api.revision()) === 5);
    await api.daemon.close();
    for (const { status, headers, json } of await Promise.all(writes)) {
      expect([status, headers.connection, json<WrittenService>().rollout?.state]).toEqual([201, 'close', 'pending']);
    }
    agent.destroy();
    slow.close();
    await api.end();
  });

  it('does not wait for a request that never ends', async () => {
    const api = await TestApi.start();
    const socket = await connected(api.port);
    const ended = once(socket, 'close');
    socket.write(`POST ${SERVICES} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
    await api.call('GET', '/healthz');
    await api.close();
    await ended;
  });

  it('closes what was opened in reverse: first who can change something, last what keeps it', async () => {
    const seen: string[] = [];
    const { add } = Closers.prototype;
    Closers.prototype.add = function (name, close) {
      seen.push(name);
      add.call(this, name, () => {
        seen.push(`${name} closes`);
        return close();
      });
    };
    try {
      const api = await TestApi.start();
      expect(seen.splice(0)).toEqual([
        'traces',
        'registry',
        'certificates',
        'events',
        'rollout',
        'commits',
        'providers',
        'pushes',
        'gate',
        'xds',
        'xds files',
        'validator',
        'api',
      ]);
      await api.close();
      expect(seen).toEqual([
        'api closes',
        'validator closes',
        'xds files closes',
        'xds closes',
        'gate closes',
        'pushes closes',
        'providers closes',
        'commits closes',
        'rollout closes',
        'events closes',
        'certificates closes',
        'registry closes',
        'traces closes',
      ]);
    } finally {
      Closers.prototype.add = add;
    }
  });

  it('closes once, whoever asks', async () => {
    const api = await TestApi.start();
    await Promise.all([api.daemon.close(), api.daemon.close()]);
    await api.close();
  });

  it('leaves what it confirmed to the next one', async () => {
    const folder = tempFolder();
    const first = await TestApi.start({}, {}, folder.kept);
    const written = await first.call('POST', SERVICES, { body: web });
    await first.close();
    const second = await TestApi.start({}, {}, folder.kept);
    expect((await second.call('GET', `${SERVICES}/web.example.com`)).text).toBe(written.text);
    expect(
      (await second.call('PUT', `${SERVICES}/web.example.com`, { body: { ...web, endpoints: ['a:1'] }, headers: { 'if-match': '"1"' } })).headers.etag,
    ).toBe('"2"');
    await second.close();
    folder.remove();
  });

  it('tells its streams that it goes', async () => {
    const api = await TestApi.start();
    const client = new DiscoveryClient(api.daemon.xdsAddress.port, 'a');
    await waitFor('the client', async () => (await api.call('GET', '/api/v1/nodes')).text.includes('in-sync'));
    await api.close();
    await waitFor('its end', () => client.ended !== undefined);
    client.close();
  });
});

describe('a daemon in trouble', () => {
  it('says 503 where the disk does not take a change, and keeps what it has', async () => {
    const api = await TestApi.start();
    await api.call('POST', SERVICES, { body: web });
    const { write } = Journal.prototype;
    Journal.prototype.write = () => {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    };
    try {
      const answer = await api.call('PUT', `${SERVICES}/web.example.com`, { body: { ...web, endpoints: ['a:1'] } });
      expect(answer.problem()).toMatchObject({
        status: 503,
        code: 'store-failed',
        detail: expect.stringContaining('the disk is full; nothing was changed') as unknown,
        hint: expect.stringContaining('free some space in') as unknown,
      });
    } finally {
      Journal.prototype.write = write;
    }
    expect((await api.call('GET', `${SERVICES}/web.example.com`)).json()).toMatchObject({ endpoints: web.endpoints, revision: 1 });
    expect((await api.call('PUT', `${SERVICES}/web.example.com`, { body: { ...web, endpoints: ['a:1'] } })).headers.etag).toBe('"2"');
    await api.close();
  });

  it('tells the log what went wrong inside, and the client only that it did', async () => {
    const api = await TestApi.start();
    const { write } = Journal.prototype;
    Journal.prototype.write = () => {
      throw new TypeError('a secret of the inside');
    };
    try {
      const answer = await api.call('POST', `${SERVICES}?wait=acked`, { body: web });
      expect(answer.problem()).toEqual({
        type: 'urn:envoyage:problem:internal',
        title: 'Something went wrong inside Envoyage',
        status: 500,
        detail: 'see the log of the daemon',
        code: 'internal',
      });
    } finally {
      Journal.prototype.write = write;
    }
    expect(api.faults).toEqual([
      expect.objectContaining({
        msg: 'a request failed inside',
        method: 'POST',
        url: `${SERVICES}?wait=acked`,
        err: expect.objectContaining({ message: 'a secret of the inside' }) as unknown,
      }),
    ]);
    expect(await api.revision()).toBe(0);
    await api.close();
  });
});

describe('a name that has two addresses', () => {
  it('is listened on at both, and both are closed', async () => {
    const folder = tempFolder();
    const api = await TestApi.start({ 'http-address': 'localhost:0', 'data-dir': join(folder.path, 'data') });
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    const socket = await connected(api.port);
    const ended = once(socket, 'close');
    await api.close();
    await ended;
    expect(await speak(api.port, 'GET /healthz HTTP/1.1\r\n\r\n').catch((thrown: Error) => thrown.message)).toContain('ECONNREFUSED');
    folder.remove();
  });
});
