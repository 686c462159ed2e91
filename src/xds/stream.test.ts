import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Asked } from './attachment.ts';
import { FrameCache } from './frame.ts';
import { PATIENCE, ProtocolError, XdsStream } from './stream.ts';
import { edit, resource, storeWith } from './testkit.ts';
import { CLUSTER, LISTENER, ROUTES, type TypeUrl } from './types.ts';

/** A DeltaDiscoveryRequest: node (1) with an id, type_url (2), names (3), response_nonce (6). All shorter than 128 bytes. */
function request(type: TypeUrl, names: string[] = [], nonce = ''): Buffer {
  const field = (number: number, content: string | Buffer) => Buffer.concat([Buffer.from([number * 8 + 2, Buffer.byteLength(content)]), Buffer.from(content)]);
  return Buffer.concat([field(1, field(1, 'node')), field(2, type), ...names.map((name) => field(3, name)), ...(nonce === '' ? [] : [field(6, nonce)])]);
}

function setUp(store = storeWith(CLUSTER, { a: '1' }), asked?: Asked) {
  const sent: { type: TypeUrl; nonce: string; names: readonly string[] }[] = [];
  const settled = vi.fn();
  const stream = new XdsStream({
    variant: 'delta',
    attach: () => ({
      store,
      frames: new FrameCache(store),
      ...(asked === undefined ? {} : { asked }),
      observer: { asked: () => {}, sent: (answer) => sent.push(answer), acked: () => {}, rejected: () => {}, recovered: () => {}, settled, closed: () => {} },
    }),
    write: () => true,
    restart: () => {},
  });
  const publish = (...edits: ReturnType<typeof edit>[]) => {
    store.publish(edits);
    store.announce();
  };
  const ackAll = () => {
    for (const { type, nonce } of sent) stream.receive(request(type, [], nonce));
  };
  return { store, stream, sent, settled, publish, ackAll };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('patience', () => {
  it('is what later types have with an answer that does not come, counted from when they began to wait', () => {
    const { stream, sent, publish, ackAll } = setUp();
    stream.receive(request(CLUSTER));
    stream.receive(request(LISTENER));
    stream.receive(request(ROUTES, ['r']));
    for (let i = 0; i < 3; i++) ackAll();
    sent.length = 0;
    publish(edit(CLUSTER, 'b', '1'), edit(ROUTES, 'r', '1'));
    expect(sent.map(({ type }) => type)).toEqual([CLUSTER]);
    // Clusters that go on coming do not make it any longer.
    vi.advanceTimersByTime(PATIENCE - 1);
    publish(edit(CLUSTER, 'b', '2'));
    expect(sent.map(({ type }) => type)).toEqual([CLUSTER, CLUSTER]);
    vi.advanceTimersByTime(1);
    expect(sent.map(({ type }) => type)).toEqual([CLUSTER, CLUSTER, ROUTES]);
  });

  it('does not run out where nothing waits', () => {
    const { stream, sent, settled, publish, ackAll } = setUp();
    stream.receive(request(CLUSTER));
    ackAll();
    const calls = settled.mock.calls.length;
    vi.advanceTimersByTime(10 * PATIENCE);
    expect([sent.length, vi.getTimerCount()]).toEqual([1, 0]);
    publish(edit(ROUTES, 'r', '1'));
    expect(settled.mock.calls.slice(calls)).toEqual([[2]]);
  });
});

describe('what is reported', () => {
  it('as settled is so once for a publication', () => {
    const { store, stream, settled, ackAll } = setUp();
    stream.receive(request(CLUSTER));
    expect(settled).not.toHaveBeenCalled();
    ackAll();
    store.announce();
    ackAll();
    expect(settled.mock.calls).toEqual([[1]]);
  });
});

describe('what is settled', () => {
  it('is so anew once what was asked for meanwhile is answered', () => {
    const { stream, settled, sent } = setUp();
    stream.receive(request(CLUSTER));
    stream.receive(request(CLUSTER, [], sent[0]?.nonce));
    expect(settled.mock.calls).toEqual([[1]]);
    stream.receive(request(CLUSTER, ['a']));
    expect(settled.mock.calls).toEqual([[1]]);
    stream.receive(request(CLUSTER, [], sent[1]?.nonce));
    expect(settled.mock.calls).toEqual([[1], [1]]);
  });
});

describe('whoever counts', () => {
  function counted(write: () => boolean) {
    const store = storeWith(CLUSTER, { a: '1' });
    const told: unknown[] = [];
    const stream = new XdsStream({
      variant: 'delta',
      attach: () => ({
        store,
        frames: new FrameCache(store),
        observer: {
          sent: ({ type }, bytes) => told.push(['sent', type, bytes]),
          received: (type, bytes) => told.push(['received', type, bytes]),
          blocked: (blocked) => told.push(['blocked', blocked]),
          overrun: () => told.push(['overrun']),
          acked: () => {},
          rejected: () => {},
          recovered: () => {},
          settled: () => {},
          asked: () => {},
          closed: () => told.push(['closed']),
        },
      }),
      write,
      restart: () => told.push(['restart']),
    });
    return { store, stream, told };
  }

  it('is told of the bytes in both directions, and when the transport wants no more', () => {
    let size = 0;
    const { stream, told } = counted(() => false);
    const first = request(CLUSTER);
    stream.receive(first);
    size = (told[2] as [string, TypeUrl, number])[2];
    expect(size).toBeGreaterThan(50);
    stream.drained();
    expect(told).toEqual([
      ['received', CLUSTER, first.length],
      ['blocked', true],
      ['sent', CLUSTER, size],
      ['blocked', false],
    ]);
  });

  it('is told that a stream fell behind the log before it ends', () => {
    let open = true;
    const { store, stream, told } = counted(() => open);
    stream.receive(request(CLUSTER));
    open = false;
    store.publish([edit(CLUSTER, 'a', 'x')]);
    store.announce();
    told.length = 0;
    for (let i = 0; i < 5000; i++) store.publish([edit(CLUSTER, 'a', `${i}`)]);
    vi.advanceTimersByTime(PATIENCE);
    stream.drained();
    stream.receive(request(CLUSTER, ['b']));
    expect(told.slice(-3)).toEqual([['overrun'], ['closed'], ['restart']]);
  });
});

describe('the end', () => {
  it('leaves nothing behind: no listener, no timer, and no word about what comes after', () => {
    const stop = vi.fn();
    const store = storeWith(CLUSTER, { a: '1' });
    vi.spyOn(store, 'onAnnounce').mockReturnValue(stop);
    const { stream, sent, publish } = setUp(store);
    stream.receive(request(CLUSTER));
    stream.receive(request(ROUTES, ['r']));
    expect(vi.getTimerCount()).toBe(1);
    stream.close();
    stream.close();
    expect([stop.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
    publish(edit(CLUSTER, 'a', '2'));
    stream.receive(request(LISTENER));
    stream.drained();
    expect(sent).toHaveLength(1);
  });

  it('comes before anything is attached where the request is not one', () => {
    const attach = vi.fn();
    const stream = new XdsStream({ variant: 'sotw', attach, write: () => true, restart: () => {} });
    expect(() => stream.receive(Buffer.from([10, 200]))).toThrow(ProtocolError);
    expect(attach).not.toHaveBeenCalled();
  });
});

describe('content that is made as it is asked for', () => {
  it('is told the names before they are looked up, and when they are let go, at the end all of them', () => {
    const store = storeWith(CLUSTER, {});
    const told: string[] = [];
    const { stream, sent } = setUp(store, (type, _, names) => {
      told.push(`${type === CLUSTER ? 'cds' : 'other'}: ${[...names].join()}`);
      for (const name of names) store.admit(resource(type, name, '1'));
    });
    stream.receive(request(CLUSTER, ['a']));
    expect(sent.map(({ names }) => names)).toEqual([['a']]);
    stream.receive(request(CLUSTER, ['b']));
    stream.receive(request(ROUTES, ['r']));
    expect(sent.map(({ names }) => names).slice(0, 2)).toEqual([['a'], ['b']]);
    stream.close();
    stream.close();
    expect(told).toEqual(['cds: a', 'cds: a,b', 'other: r', 'cds: ', 'other: ']);
  });
});
