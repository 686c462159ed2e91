import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startXdsServer } from '../../src/xds/server.ts';
import { waitFor } from '../support/wait.ts';
import { contents, NODE, type ServiceName, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import { encodeDelta, encodeNode, encodeSotw, field } from '../support/xds-wire.ts';

/** Clients that break the protocol, streams that end, and the server's end. */

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(() => server.close());

function open(variant: Variant, service: ServiceName = 'ads'): TestStream {
  return server.client().open(variant, service);
}

const { cds, eds, lds } = TYPES;

describe.each(['delta', 'sotw'] as const)('a client that breaks the protocol (%s)', (variant) => {
  const encode = variant === 'delta' ? encodeDelta : encodeSotw;

  it.each([
    ['a field cut short', Buffer.from([10, 200])],
    ['a varint without end', Buffer.alloc(20, 0xff)],
    ['an unknown wire type', Buffer.from([0x0f, 1])],
    ['text', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['groups in groups in groups', Buffer.alloc(100_000, 0x0b)],
    ['a node that is none', Buffer.concat([field(variant === 'delta' ? 1 : 2, Buffer.from([10, 200])), field(variant === 'delta' ? 2 : 4, cds)])],
  ])('is told so: %s', async (_, bytes) => {
    const stream = open(variant);
    stream.raw(bytes);
    expect(await stream.ended()).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'the request is not a discovery request' });
    expect(server.refused).toEqual(['the request is not a discovery request']);
  });

  it.each([
    ['a type that the service does not speak', { node: NODE, typeUrl: eds }, `this service speaks ${cds}, not ${eds}`],
    ['no node', { typeUrl: cds }, 'the first request of a stream must carry the node'],
    ['a node without an id', { node: encodeNode({ cluster: 'default' }), typeUrl: cds }, 'node.id is empty'],
  ])('on a service of one type: %s', async (_, request, message) => {
    const stream = open(variant, 'cds');
    stream.raw(encode(request));
    const ended = await stream.ended();
    expect([ended.code, ended.details]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining(message)]);
  });

  it('on ADS: no type', async () => {
    const stream = open(variant);
    stream.raw(encode({ node: NODE }));
    expect(await stream.ended()).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'the request has no type_url' });
  });

  it('on ADS: types without end', async () => {
    const stream = open(variant);
    for (let i = 0; i < 65; i++) stream.raw(encode({ node: NODE, typeUrl: `type.googleapis.com/test.T${i}` }));
    expect(await stream.ended()).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'more than 64 types on one stream' });
  });

  it('does not disturb the others', async () => {
    server.publish(edit(cds, 'a', '1'));
    const [good, bad] = [open(variant), open(variant)];
    good.subscribe(cds);
    bad.subscribe(cds);
    await Promise.all([good.take(), bad.take()]);
    bad.raw(Buffer.from([10, 200]));
    await bad.ended();
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await good.take())).toEqual(['a=2']);
    await waitFor('the end of the other', () => server.reports.some(({ report }) => report.at(-1) === 'closed'));
  });

  it('what a later version of the protocol adds is passed over', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open(variant);
    stream.raw(Buffer.concat([encode({ node: NODE, typeUrl: cds }), field(15, 'new'), Buffer.from([0x80, 0x02, 0x01])]));
    expect(contents(await stream.take())).toEqual(['a=1']);
  });
});

describe('a client that is turned away', () => {
  it('may come again: UNAVAILABLE, with the reason', async () => {
    const turned = await startXdsServer({
      address: { host: '127.0.0.1', port: 0 },
      attach: () => {
        throw new Error('no room for another group');
      },
    });
    try {
      const { XdsClient } = await import('../support/xds-client.ts');
      const client = new XdsClient(turned.address.port);
      const stream = client.open('delta');
      stream.subscribe(cds);
      expect(await stream.ended()).toMatchObject({ code: status.UNAVAILABLE, details: 'no room for another group' });
      client.close();
    } finally {
      await turned.close();
    }
  });
});

describe('the end of a stream', () => {
  it.each(['delta', 'sotw'] as const)('%s: the client goes, by half-closing or by cancelling, and is seen to go once', async (variant) => {
    const [polite, abrupt] = [open(variant), open(variant)];
    for (const stream of [polite, abrupt]) {
      stream.subscribe(lds);
      await stream.take();
    }
    polite.halfClose();
    expect((await polite.ended()).code).toBe(status.OK);
    abrupt.cancel();
    await waitFor('both ends', () => server.reports.every(({ report }) => report.at(-1) === 'closed'));
    server.publish(edit(lds, 'a', '1'));
    expect(server.reports.map(({ report }) => report.filter((what) => what === 'closed'))).toEqual([['closed'], ['closed']]);
  });

  it('the server goes: UNAVAILABLE, and every stream is seen to end', async () => {
    const streams = [open('delta'), open('sotw'), open('delta', 'cds'), open('sotw', 'lds')];
    for (const stream of streams) {
      stream.subscribe(stream.service === 'ads' ? cds : TYPES[stream.service]);
      await stream.take();
    }
    await server.stop();
    expect((await Promise.all(streams.map((stream) => stream.ended()))).map(({ code }) => code)).toEqual(Array(4).fill(status.UNAVAILABLE));
    expect(server.reports.map(({ report }) => report.at(-1))).toEqual(Array(4).fill('closed'));
  });

  // Sooner than a connection is found dead by its pings.
  it('the server goes, though a client does not read', async () => {
    server.publish(...Array.from({ length: 20 }, (_, i) => edit(cds, `a${i}`, 'x'.repeat(4_000_000))));
    const stream = open('delta');
    stream.pause();
    stream.subscribe(cds);
    await waitFor('the response to be under way', () => server.reports[0]?.report.includes('sent cds'));
    await server.stop();
    expect(server.reports[0]?.report.at(-1)).toBe('closed');
  }, 20_000);
});

describe('the address', () => {
  it('that is in use is a clear error', async () => {
    const first = await startXdsServer({ address: { host: '127.0.0.1', port: 0 }, attach: () => Promise.reject() as never });
    try {
      await expect(startXdsServer({ address: first.address, attach: () => Promise.reject() as never })).rejects.toMatchObject({ code: 'address-in-use' });
    } finally {
      await first.close();
    }
  });

  it('that is nobody’s is one, too', async () => {
    await expect(startXdsServer({ address: { host: '192.0.2.1', port: 0 }, attach: () => Promise.reject() as never })).rejects.toMatchObject({
      code: 'address-unavailable',
    });
  });
});
