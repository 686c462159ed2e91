import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contents, NODE, type ServiceName, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';

/** Who gets what: wildcards, names, and their end. The numbers are those of the cases that naive servers get wrong. */

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(() => server.close());

function open(variant: Variant, service: ServiceName = 'ads'): TestStream {
  return server.client().open(variant, service);
}

const { cds, eds, lds, rds, sds } = TYPES;

describe('case 1: the wildcard is a state of its own', () => {
  it.each(['delta', 'sotw'] as const)('%s: an empty first request means everything, now and later', async (variant) => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open(variant);
    stream.subscribe(cds);
    expect(contents(await stream.take())).toEqual(['a=1']);
    server.publish(edit(cds, 'b', '1'));
    expect(contents(await stream.take())).toEqual(variant === 'delta' ? ['b=1'] : ['a=1', 'b=1']);
  });

  it.each(['delta', 'sotw'] as const)('%s: an explicit * means everything', async (variant) => {
    server.publish(edit(cds, 'a', '1'), edit(cds, 'b', '1'));
    const stream = open(variant);
    stream.subscribe(cds, ['*']);
    expect(contents(await stream.take(['*']))).toEqual(['a=1', 'b=1']);
  });

  it('sotw: once a name was asked for, an empty list means nothing', async () => {
    server.publish(edit(cds, 'a', '1'), edit(cds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(cds, ['a']);
    const first = await stream.take(['a']);
    expect(contents(first)).toEqual(['a=1']);
    stream.ack(first, []);
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'a', '2'), edit(cds, 'c', '1'));
    expect(await stream.rest()).toEqual([]);
  });

  it('sotw: * and A, then A alone, drops the wildcard; then nothing drops the last', async () => {
    server.publish(edit(cds, 'A', '1'), edit(cds, 'B', '1'));
    const stream = open('sotw');
    stream.subscribe(cds);
    const everything = await stream.take();
    expect(contents(everything)).toEqual(['A=1', 'B=1']);
    stream.ack(everything, ['*', 'A']);
    const again = await stream.take(['*', 'A']);
    expect(contents(again)).toEqual(['A=1', 'B=1']);
    stream.ack(again, ['A']);
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'B', '2'));
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'A', '2'));
    const narrow = await stream.take(['A']);
    expect(contents(narrow)).toEqual(['A=2']);
    stream.ack(narrow, []);
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'A', '3'));
    expect(await stream.rest()).toEqual([]);
  });

  it('sotw: a wildcard given up and asked for once more brings everything again', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('sotw');
    stream.subscribe(cds, ['*']);
    const first = await stream.take(['*']);
    stream.ack(first, ['nobody']);
    const narrow = await stream.take(['nobody']);
    expect(contents(narrow)).toEqual([]);
    stream.ack(narrow, ['*']);
    const second = await stream.take(['*']);
    expect(contents(second)).toEqual(['a=1']);
    expect(second.nonce).not.toBe(first.nonce);
  });

  it('delta: the wildcard goes on beside a name, and the name goes on without it', async () => {
    server.publish(edit(cds, 'A', '1'), edit(cds, 'B', '1'));
    const stream = open('delta');
    stream.subscribe(cds);
    expect(contents(await stream.take())).toEqual(['A=1', 'B=1']);
    stream.delta({ typeUrl: cds, subscribe: ['A'] });
    expect(contents(await stream.take())).toEqual(['A=1']);
    server.publish(edit(cds, 'B', '2'));
    expect(contents(await stream.take())).toEqual(['B=2']);
    stream.delta({ typeUrl: cds, unsubscribe: ['*'] });
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'B', '3'));
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'A', '2'));
    expect(contents(await stream.take())).toEqual(['A=2']);
    stream.delta({ typeUrl: cds, unsubscribe: ['A'] });
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'A', '3'), edit(cds, 'C', '1'));
    expect(await stream.rest()).toEqual([]);
  });

  it('delta: a first request that only gives something up asks for nothing', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: cds, unsubscribe: ['b'] });
    expect(await stream.rest()).toEqual([]);
  });

  it('delta: a wildcard given up and asked for once more brings everything again, under a nonce of its own', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(cds, ['*']);
    const first = await stream.take();
    stream.delta({ typeUrl: cds, unsubscribe: ['*'] });
    stream.delta({ typeUrl: cds, subscribe: ['*'] });
    const second = await stream.take();
    expect(contents(second)).toEqual(['a=1']);
    expect(second.nonce).not.toBe(first.nonce);
  });

  it('delta: asked for by name once more, the wildcard is sent again; spelled out for the first time it just goes on', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(cds);
    await stream.take();
    stream.delta({ typeUrl: cds, subscribe: ['*'] });
    expect(await stream.rest()).toEqual([]);
    stream.delta({ typeUrl: cds, subscribe: ['*'] });
    expect(contents(await stream.take())).toEqual(['a=1']);
  });

  it('each type has a state of its own', async () => {
    server.publish(edit(cds, 'c', '1'), edit(sds, 's', '1'));
    const stream = open('sotw');
    stream.subscribe(cds);
    await stream.take();
    stream.sotw({ typeUrl: sds, names: ['s'] });
    const secret = await stream.take(['s']);
    stream.ack(secret, []);
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'c', '2'), edit(sds, 's', '2'));
    expect((await stream.rest()).map(contents)).toEqual([['c=2']]);
  });
});

describe('case 2: delta unsubscribe', () => {
  it('of names never subscribed is ignored', async () => {
    server.publish(edit(sds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(sds, ['a']);
    await stream.take();
    stream.delta({ typeUrl: sds, unsubscribe: ['b', 'c'] });
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(sds, 'a', '2'));
    expect(contents(await stream.take())).toEqual(['a=2']);
  });

  it('normally has no answer, and ends the sending', async () => {
    server.publish(edit(sds, 'a', '1'), edit(sds, 'b', '1'));
    const stream = open('delta');
    stream.subscribe(sds, ['a', 'b']);
    await stream.take();
    stream.delta({ typeUrl: sds, unsubscribe: ['a'] });
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(sds, 'a', '2'), edit(sds, 'b', '2'));
    expect((await stream.rest()).map(contents)).toEqual([['b=2']]);
    server.publish(edit(sds, 'a', null));
    expect(await stream.rest()).toEqual([]);
  });

  it('under a wildcard is answered with the resource, or with its absence', async () => {
    server.publish(edit(cds, 'A', '1'));
    const stream = open('delta');
    stream.subscribe(cds, ['*', 'A', 'B']);
    const first = await stream.take();
    expect([contents(first), first.removed]).toEqual([['A=1'], ['B']]);
    stream.delta({ typeUrl: cds, unsubscribe: ['A'] });
    expect(contents(await stream.take())).toEqual(['A=1']);
    stream.delta({ typeUrl: cds, unsubscribe: ['B'] });
    const absent = await stream.take();
    expect([contents(absent), absent.removed]).toEqual([[], ['B']]);
    server.publish(edit(cds, 'A', '2'));
    expect(contents(await stream.take())).toEqual(['A=2']);
  });

  it('of a name and the wildcard in one request leaves nothing to answer', async () => {
    server.publish(edit(cds, 'A', '1'));
    const stream = open('delta');
    stream.subscribe(cds, ['*', 'A']);
    await stream.take();
    stream.delta({ typeUrl: cds, unsubscribe: ['A', '*'] });
    expect(await stream.rest()).toEqual([]);
  });
});

describe('case 3: a new subscription to a name already held', () => {
  it('delta: is sent again, at the same version', async () => {
    server.publish(edit(sds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(sds, ['a']);
    const first = await stream.take();
    stream.delta({ typeUrl: sds, subscribe: ['a'] });
    const second = await stream.take();
    expect(second.resources).toEqual(first.resources);
    expect(second.nonce).not.toBe(first.nonce);
  });

  it('sotw: given up and asked for again, it is sent again', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a', 'b']);
    const first = await stream.take(['a', 'b']);
    stream.ack(first, ['b']);
    stream.ack(first, ['a', 'b']);
    expect(contents(await stream.take(['a', 'b']))).toEqual(['a=1']);
  });

  it('sotw: a name that the wildcard brought already is sent when it is asked for by itself', async () => {
    server.publish(edit(cds, 'a', '1'), edit(cds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(cds);
    const first = await stream.take();
    stream.ack(first, ['a']);
    expect(contents(await stream.take(['a']))).toEqual(['a=1']);
  });
});

describe('case 4: a shorter list is how sotw unsubscribes', () => {
  it('and may ride on an acknowledgement', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a', 'b']);
    const first = await stream.next();
    stream.ack(first, ['b']);
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(eds, 'a', '2'), edit(eds, 'b', '2'));
    expect((await stream.rest()).map(contents)).toEqual([['b=2']]);
    expect(server.reports[0]?.report).toContain('acked eds');
  });

  it('and may ride on a rejection', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a', 'b']);
    stream.nack(await stream.next(), 'no', ['b']);
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(eds, 'a', '2'));
    expect(await stream.rest()).toEqual([]);
  });
});

describe('case 13: no name twice in one response', () => {
  it.each(['delta', 'sotw'] as const)('%s: names asked for three times count once', async (variant) => {
    server.publish(edit(eds, 'a', '1'), edit(cds, 'c', '1'));
    const stream = open(variant);
    stream.subscribe(eds, ['a', 'a', 'b', 'b', 'a']);
    const endpoints = await stream.take(['a', 'b']);
    expect(contents(endpoints)).toEqual(['a=1']);
    expect(endpoints.removed).toEqual(variant === 'delta' ? ['b'] : []);
    stream.subscribe(cds, ['*', 'c', 'c', '*']);
    expect(contents(await stream.take(['*', 'c']))).toEqual(['c=1']);
  });

  it('delta: what is new, changed and asked for again at once comes once', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(cds);
    await stream.take();
    stream.delta({ typeUrl: cds, subscribe: ['a', '*', 'b'] });
    server.publish(edit(cds, 'a', '2'), edit(cds, 'b', '1'));
    const responses = await stream.rest();
    expect(responses.flatMap(contents)).toContain('a=2');
    for (const response of responses) expect(new Set(contents(response)).size).toBe(response.resources.length);
  });
});

describe('case 14: a resource that does not exist', () => {
  it('delta: is answered at once, and sent when it is made', async () => {
    const stream = open('delta');
    stream.subscribe(sds, ['late']);
    const absent = await stream.take();
    expect([absent.resources, absent.removed]).toEqual([[], ['late']]);
    server.publish(edit(sds, 'late', '1'));
    expect(contents(await stream.take())).toEqual(['late=1']);
  });

  it('delta: comes back after a removal, without being asked for again', async () => {
    server.publish(edit(sds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(sds, ['a']);
    await stream.take();
    server.publish(edit(sds, 'a', null));
    expect((await stream.take()).removed).toEqual(['a']);
    server.publish(edit(sds, 'a', '1'));
    expect(contents(await stream.take())).toEqual(['a=1']);
  });

  it('sotw: endpoints have no answer until they are made', async () => {
    const stream = open('sotw');
    stream.subscribe(eds, ['late']);
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(eds, 'other', '1'));
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(eds, 'late', '1'));
    expect(contents(await stream.take(['late']))).toEqual(['late=1']);
  });

  it('sotw: a listener asked for by name is answered with the whole that lacks it', async () => {
    server.publish(edit(lds, 'there', '1'));
    const stream = open('sotw');
    stream.subscribe(lds, ['there']);
    const first = await stream.take(['there']);
    stream.ack(first, ['there', 'absent']);
    expect(contents(await stream.take(['there', 'absent']))).toEqual(['there=1']);
  });

  it('delta: a wildcard over nothing is answered with nothing, so that the client need not wait', async () => {
    const stream = open('delta');
    stream.subscribe(lds);
    const empty = await stream.take();
    expect([empty.typeUrl, empty.resources, empty.removed]).toEqual([lds, [], []]);
  });
});

describe('case 17: every resource is answered for by itself', () => {
  it.each(['delta', 'sotw'] as const)('%s: a client that asks for less than there is gets it', async (variant) => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'), edit(eds, 'c', '1'));
    const stream = open(variant);
    stream.subscribe(eds, ['b']);
    expect(contents(await stream.take(['b']))).toEqual(['b=1']);
  });

  it.each(['delta', 'sotw'] as const)('%s: a client that asks for more than there is gets what there is', async (variant) => {
    server.publish(edit(eds, 'a', '1'));
    const stream = open(variant);
    stream.subscribe(eds, ['a', 'missing']);
    expect(contents(await stream.take(['a', 'missing']))).toEqual(['a=1']);
  });
});

describe('case 18: all names of a request count, not the first', () => {
  it.each(['delta', 'sotw'] as const)('%s', async (variant) => {
    const names = Array.from({ length: 100 }, (_, i) => `name-${i}`);
    server.publish(...names.map((name) => edit(eds, name, '1')));
    const stream = open(variant);
    stream.subscribe(eds, names);
    expect(contents(await stream.take(names))).toEqual(names.map((name) => `${name}=1`).toSorted());
  });
});

describe('case 19: the node stands in the first message alone, and each type is a stream of its own', () => {
  it.each(['delta', 'sotw'] as const)('%s', async (variant) => {
    server.publish(edit(cds, 'c', '1'), edit(lds, 'l', '1'), edit(rds, 'r', '1'));
    const stream = open(variant);
    stream.subscribe(cds);
    const clusters = await stream.take();
    stream.subscribe(lds, [], undefined);
    const listeners = await stream.take();
    stream.subscribe(rds, ['r'], undefined);
    const routes = await stream.take(['r']);
    expect([clusters, listeners, routes].map(contents)).toEqual([['c=1'], ['l=1'], ['r=1']]);
    expect(new Set([clusters.nonce, listeners.nonce, routes.nonce]).size).toBe(3);
    expect(server.reports).toHaveLength(1);
    expect(server.reports[0]?.client.node).toEqual({ id: 'node-1', cluster: 'default', userAgent: 'envoy', version: '1.40.2' });
  });
});

describe('case 28: a service for each type', () => {
  const services = [
    ['cds', cds],
    ['eds', eds],
    ['lds', lds],
    ['rds', rds],
    ['sds', sds],
  ] as const;

  describe.each(['delta', 'sotw'] as const)('%s', (variant) => {
    it.each(services)('%s works by itself, with and without its type spelled out', async (service, type) => {
      server.publish(...services.map(([, each]) => edit(each, 'a', '1')));
      const spelled = open(variant, service);
      spelled.subscribe(type, ['a']);
      const first = await spelled.take(['a']);
      expect([first.typeUrl, contents(first)]).toEqual([type, ['a=1']]);
      const short = open(variant, service);
      short.subscribe('', ['a']);
      expect(contents(await short.take(['a']))).toEqual(['a=1']);
      server.publish(edit(type, 'a', '2'));
      expect(contents(await spelled.take(['a']))).toEqual(['a=2']);
      expect(contents(await short.take(['a']))).toEqual(['a=2']);
      expect(server.reports.map(({ client }) => [client.variant, client.onlyType])).toEqual([
        [variant, type],
        [variant, type],
      ]);
    });
  });
});
