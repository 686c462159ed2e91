import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { createConnection, type Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type LimitName, type Limits } from '../../src/xds/limits.ts';
import { Authority } from '../support/certificates.ts';
import { waitFor } from '../support/wait.ts';
import { contents, NODE, type TestStream, TYPES } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import { encodeDelta } from '../support/xds-wire.ts';

/** Each limit as a client meets it, with its count and its words; and that it disturbs nobody else. */

let server: TestServer;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

async function start(limits: Partial<Limits>, tls = false): Promise<void> {
  const { cert, key } = new Authority('Test root').issue({ dns: ['localhost'] });
  server = await TestServer.start({ limits: { ...DEFAULT_LIMITS, ...limits }, ...(tls ? { tls: { cert: Buffer.from(cert), key: Buffer.from(key) } } : {}) });
  server.publish(edit(cds, 'a', '1'));
}

function raw(): Socket {
  const socket = createConnection(server.running.address);
  socket.on('error', () => {});
  socket.resume();
  sockets.push(socket);
  return socket;
}

const { cds } = TYPES;
const open = (): TestStream => server.client().open('delta');
const told = (): [LimitName, string][] => server.acts.map(({ limit, message }) => [limit, message]);

async function lives(stream: TestStream): Promise<void> {
  stream.subscribe(cds);
  expect(contents(await stream.take())).toEqual(['a=1']);
}

describe('a request', () => {
  it('that is too large ends its stream', async () => {
    await start({ messageBytes: 10_000 });
    const [good, bad] = [open(), open()];
    await lives(good);
    bad.raw(encodeDelta({ node: NODE, typeUrl: cds, subscribe: ['x'.repeat(20_000)] }));
    expect(await bad.ended()).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: expect.stringMatching(/^Received message larger than max/) });
    await waitFor('the count', () => server.running.limited['message-size'] === 1);
    expect(told()).toEqual([['message-size', expect.stringMatching(/^Received message larger than max \(\d+ vs 10000\) \(--xds-max-message-bytes\)$/)]]);
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await good.take())).toEqual(['a=2']);
  });

  it('too many of them are read more slowly, and all are answered', async () => {
    await start({ requestRate: 20 });
    const [good, flood] = [open(), open()];
    await lives(good);
    const types = Array.from({ length: 50 }, (_, i) => `type.googleapis.com/test.T${i}`);
    for (const typeUrl of types) flood.delta({ node: NODE, typeUrl, subscribe: ['none'] });
    const answered = new Set<string>();
    for (const _ of types) answered.add((await flood.next()).typeUrl);
    expect([...answered].toSorted()).toEqual(types.toSorted());
    expect(server.running.limited['request-rate']).toBeGreaterThan(0);
    expect(told()).toEqual([['request-rate', 'more than 20 requests a second: the stream is read more slowly (--xds-max-request-rate)']]);
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await good.take())).toEqual(['a=2']);
  });

  it('that never comes ends the stream, or the connection that opened none', async () => {
    await start({ firstRequestMs: 500 });
    const good = open();
    await lives(good);
    const mute = open();
    const preface = connectHttp2(`http://127.0.0.1:${server.running.address.port}`);
    preface.on('error', () => {});
    const closed = Promise.all([once(preface, 'close'), once(raw(), 'close')]);
    expect(await mute.ended()).toMatchObject({ code: status.DEADLINE_EXCEEDED, details: 'no request within 0.5 s (--xds-first-request-seconds)' });
    await closed;
    expect(server.running.limited['first-request']).toBe(3);
    expect(told().map(([limit]) => limit)).toEqual(['first-request']);
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await good.take())).toEqual(['a=2']);
  });

  it('of more types than a stream may have is counted', async () => {
    await start({});
    const stream = open();
    for (let i = 0; i < 65; i++) stream.delta({ node: NODE, typeUrl: `type.googleapis.com/test.T${i}` });
    expect((await stream.ended()).code).toBe(status.INVALID_ARGUMENT);
    expect(server.running.limited.types).toBe(1);
    expect(told()).toEqual([['types', 'more than 64 types on one stream']]);
  });
});

describe('a subscription', () => {
  it('with too many names ends its stream', async () => {
    await start({});
    const stream = open();
    stream.delta({ node: NODE, typeUrl: cds, subscribe: Array.from({ length: 1_000_001 }, (_, i) => String(i)) });
    expect(await stream.ended()).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'more than 1000000 names in one subscription' });
    expect(server.running.limited.names).toBe(1);
    expect(told()).toEqual([['names', 'more than 1000000 names in one subscription']]);
  });
});

describe('streams', () => {
  it('over the most are turned away, and let in when others have gone', async () => {
    await start({ streams: 2 });
    const client = server.client();
    const [a, b] = [client.open('delta'), client.open('delta')];
    for (const stream of [a, b]) await lives(stream);
    expect(await client.open('delta').ended()).toMatchObject({
      code: status.UNAVAILABLE,
      details: '2 streams are open already, which is the most (--xds-max-streams)',
    });
    a.cancel();
    await waitFor('the end', () => server.reports[0]?.report.at(-1) === 'closed');
    await lives(client.open('delta'));
    expect(server.running.limited.streams).toBe(1);
    expect(told()).toEqual([['streams', '2 streams are open already, which is the most (--xds-max-streams)']]);
  });

  it('of one address have a limit of their own', async () => {
    await start({ streamsPerAddress: 1 });
    const client = server.client();
    const first = client.open('delta');
    await lives(first);
    const words = '1 streams of 127.0.0.1 are open already, which is the most (--xds-max-streams-per-address)';
    expect(await client.open('delta').ended()).toMatchObject({ code: status.UNAVAILABLE, details: words });
    await once(raw(), 'close');
    expect(server.running.limited).toMatchObject({ 'streams-per-address': 1, 'connections-per-address': 1 });
    expect(told()).toEqual([
      ['streams-per-address', words],
      ['connections-per-address', '1 connections of this address are open already (--xds-max-streams-per-address)'],
    ]);
    first.halfClose();
    await first.ended();
    await lives(client.open('delta'));
  });

  it('that come too fast wait; those that would wait too long are turned away', async () => {
    await start({ streamRate: 1 });
    const client = server.client();
    const streams = Array.from({ length: 9 }, () => client.open('delta'));
    for (const stream of streams) stream.subscribe(cds);
    const got = await Promise.all(
      streams.map((stream) =>
        stream.next().then(
          (response) => contents(response),
          () => [stream.status?.code, stream.status?.details],
        ),
      ),
    );
    expect(got.slice(0, 6)).toEqual(Array(6).fill(['a=1']));
    expect(got.slice(6)).toEqual(Array(3).fill([status.UNAVAILABLE, 'more than 1 new streams a second (--xds-max-stream-rate)']));
    expect(server.running.limited['stream-rate']).toBe(8);
    expect(told()).toEqual([['stream-rate', 'more than 1 new streams a second: this one waits (--xds-max-stream-rate)']]);
  });

  it('a thousand at once are let in at once', async () => {
    await start({});
    const streams = Array.from({ length: 20 }, () => server.client()).flatMap((client) => Array.from({ length: 50 }, () => client.open('delta')));
    for (const stream of streams) stream.subscribe(cds);
    for (const stream of streams) expect(contents(await stream.take())).toEqual(['a=1']);
    expect(told()).toEqual([]);
  });
});

describe('connections', () => {
  it('over the most are dropped', async () => {
    await start({ streams: 1 });
    await lives(open());
    await once(raw(), 'close');
    expect(server.running.limited.connections).toBe(1);
    expect(told()).toEqual([['connections', '1 connections are open already (--xds-max-streams)']]);
  });

  it('that have no stream any more end after a while, and those that have one do not', async () => {
    await start({ idleMs: 500 });
    const good = open();
    await lives(good);
    const session = connectHttp2(`http://127.0.0.1:${server.running.address.port}`);
    session.on('error', () => {});
    const closed = once(session, 'close');
    session.request({ ':method': 'POST', ':path': '/none' }).end();
    await closed;
    expect(server.running.limited.idle).toBe(1);
    expect(told()).toEqual([['idle', 'no stream for 0.5 s on a connection that had one']]);
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await good.take())).toEqual(['a=2']);
  });

  it('that do not finish a handshake are dropped', async () => {
    await start({ firstRequestMs: 300 }, true);
    await once(raw(), 'close');
    await waitFor('the count', () => server.running.limited.handshake === 1);
    expect(told()).toEqual([['handshake', 'no TLS handshake within 0.3 s (--xds-first-request-seconds)']]);
  });

  it('that speak no TLS are told of', async () => {
    await start({}, true);
    const stream = open();
    stream.subscribe(cds);
    expect((await stream.ended()).code).toBe(status.UNAVAILABLE);
    await waitFor('the words', () => server.refused.includes('it speaks no TLS, and this server does'));
  });

  it('that are silent though they are pinged are given up, and those that answer are not', async () => {
    await start({ silenceMs: 1000 });
    const good = open();
    await lives(good);
    deadPeer(raw());
    await waitFor('the end of the dead', () => server.reports[1]?.report.at(-1) === 'closed');
    expect(server.running.limited.silence).toBe(1);
    expect(told()).toEqual([['silence', expect.stringMatching(/^nothing was heard for \d+ s, in spite of a ping \(--xds-silence-seconds\)$/)]]);
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await good.take())).toEqual(['a=2']);
  });
});

/** Sends what a client sends for one stream (RFC 9113 §3.4, §4.1; RFC 7541 §6.2.2), and answers nothing, not even pings. */
function deadPeer(socket: Socket): void {
  const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.set([type, flags], 3);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  const path = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
  const headers = { ':method': 'POST', ':scheme': 'http', ':path': path, ':authority': 'x', 'content-type': 'application/grpc', te: 'trailers' };
  const text = (value: string): Buffer => Buffer.from([value.length, ...Buffer.from(value)]);
  const block = Object.entries(headers).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]);
  const message = encodeDelta({ node: NODE, typeUrl: cds, subscribe: [] });
  const length = Buffer.alloc(5);
  length.writeUInt32BE(message.length, 1);
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(4, 0, 0, Buffer.alloc(0)));
  socket.write(frame(1, 4, 1, Buffer.concat(block)));
  socket.write(frame(0, 0, 1, Buffer.concat([length, message])));
}
