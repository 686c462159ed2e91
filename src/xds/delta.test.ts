import { describe, expect, it } from 'vitest';
import { EVERYTHING, FrameCache } from './frame.ts';
import { Delta, edit, namesIn, storeWith } from './testkit.ts';
import { CLUSTER, ENDPOINTS } from './types.ts';

describe('what is due', () => {
  it('is everything at first, then what changed, each with the publications that it covers', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1' });
    const client = new Delta(store, CLUSTER);
    const [first] = client.next() ?? [];
    expect([first?.answer.names, first?.answer.from, first?.answer.seq]).toEqual([['a', 'b'], EVERYTHING, 1]);
    expect(client.next()).toEqual([]);
    store.publish([edit(CLUSTER, 'b', '2')]);
    store.publish([edit(CLUSTER, 'c', '1')]);
    const [second] = client.next() ?? [];
    expect([second?.answer.names, second?.answer.from, second?.answer.seq]).toEqual([['b', 'c'], 1, 3]);
    expect(client.sub.hasAdditions(3)).toBe(false);
  });

  it('holds removals when they may go out, and no sooner', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1', c: '1' });
    const client = new Delta(store, CLUSTER);
    client.next();
    store.publish([edit(CLUSTER, 'a', null), edit(CLUSTER, 'b', '2')]);
    store.publish([edit(CLUSTER, 'c', null)]);
    expect(namesIn(client.next(1))).toEqual(['b']);
    const [first] = client.next(2) ?? [];
    expect([first?.answer.names, first?.answer.from]).toEqual([['a'], 1]);
    expect(namesIn(client.next(3))).toEqual(['c']);
    expect(client.sub.hasRemovals(3)).toBe(false);
  });

  it('leaves out what came and went unseen', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const client = new Delta(store, CLUSTER);
    client.next();
    store.publish([edit(CLUSTER, 'x', '1')]);
    store.publish([edit(CLUSTER, 'x', null)]);
    expect(client.next()).toEqual([]);
  });

  it('takes away what came back and went again', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const client = new Delta(store, CLUSTER);
    client.next();
    store.publish([edit(CLUSTER, 'a', null)]);
    expect(client.next(1)).toEqual([]);
    store.publish([edit(CLUSTER, 'a', '2')]);
    store.publish([edit(CLUSTER, 'a', null)]);
    expect(client.next(1)).toEqual([]);
    expect(client.next(2)).toEqual([]);
    expect(namesIn(client.next(4))).toEqual(['a']);
  });

  it('cannot be told where the client lags too far behind', () => {
    const store = storeWith(CLUSTER, { a: '0' });
    const client = new Delta(store, CLUSTER);
    client.next();
    for (let i = 1; i <= 5000; i++) store.publish([edit(CLUSTER, 'a', String(i))]);
    expect(client.next()).toBeUndefined();
  });

  it('has the endpoints of its clusters follow', () => {
    const store = storeWith(CLUSTER, {});
    const { resource } = edit(CLUSTER, 'a', '1');
    if (resource !== null) store.publish([{ type: CLUSTER, name: 'a', resource: { ...resource, follower: { type: ENDPOINTS, name: 'a' } } }]);
    expect(new Delta(store, CLUSTER).next()?.flatMap(({ followers }) => followers)).toEqual([{ type: ENDPOINTS, names: ['a'] }]);
  });
});

describe('a client that comes back', () => {
  it('is sent the difference, and its removals when they may go out', () => {
    const store = storeWith(CLUSTER, { same: '1', changed: '2', made: '1' });
    const version = (name: string) => store.get(CLUSTER, name)?.version ?? '';
    const initialVersions = new Map([
      ['same', version('same')],
      ['changed', 'old'],
      ['vanished', 'old'],
    ]);
    const client = new Delta(store, CLUSTER, { initialVersions });
    expect(client.sub.returning).toBe(true);
    expect(namesIn(client.next(EVERYTHING))).toEqual(['changed', 'made']);
    expect(client.sub.hasRemovals(EVERYTHING)).toBe(false);
    expect(client.sub.hasRemovals(1)).toBe(true);
    expect(namesIn(client.next(1))).toEqual(['vanished']);
    expect(client.sub.hasRemovals(1)).toBe(false);
  });

  it('keeps what came back before its removal went out, and loses it with the later one', () => {
    const store = storeWith(CLUSTER, { same: '1' });
    const client = new Delta(store, CLUSTER, { initialVersions: new Map([['vanished', 'old']]) });
    expect(namesIn(client.next(EVERYTHING))).toEqual(['same']);
    store.publish([edit(CLUSTER, 'vanished', '2')]);
    expect(namesIn(client.next(EVERYTHING))).toEqual(['vanished']);
    store.publish([edit(CLUSTER, 'vanished', null)]);
    expect(client.next(2)).toEqual([]);
    expect(namesIn(client.next(3))).toEqual(['vanished']);
  });

  it('loses what came back and went before it was sent anything', () => {
    const store = storeWith(CLUSTER, { same: '1' });
    const version = store.get(CLUSTER, 'same')?.version ?? '';
    const client = new Delta(store, CLUSTER, {
      initialVersions: new Map([
        ['same', version],
        ['vanished', 'old'],
      ]),
    });
    store.publish([edit(CLUSTER, 'vanished', '2')]);
    store.publish([edit(CLUSTER, 'vanished', null)]);
    expect(namesIn(client.next())).toEqual(['vanished']);
  });
});

describe('frames', () => {
  it('are shared by those who are due the same, and not with others', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1' });
    const frames = new FrameCache(store);
    const clients = [
      new Delta(store, CLUSTER, {}, frames),
      new Delta(store, CLUSTER, { subscribe: ['*'] }, frames),
      new Delta(store, CLUSTER, { subscribe: ['a', 'b'] }, frames),
    ];
    const [one, two, three] = clients.map((client) => client.next());
    expect(two).toBe(one);
    expect(three).not.toBe(one);
    store.publish([edit(CLUSTER, 'a', '2')]);
    const [change, same, named] = clients.map((client) => client.next());
    expect(same).toBe(change);
    expect(named).toBe(change);
    expect(new Delta(store, CLUSTER, { subscribe: ['b'] }, frames).next()).not.toBe(change);
  });

  it('are not shared by those who may have removals and those who may not', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1' });
    const frames = new FrameCache(store);
    const [early, late] = [new Delta(store, CLUSTER, {}, frames), new Delta(store, CLUSTER, {}, frames)];
    for (const client of [early, late]) client.next();
    store.publish([edit(CLUSTER, 'a', null), edit(CLUSTER, 'b', '2')]);
    expect([namesIn(early.next(1)), namesIn(late.next(2))]).toEqual([['b'], ['a', 'b']]);
  });

  it('never come to one stream twice', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const client = new Delta(store, CLUSTER, { subscribe: ['*'] });
    const [first] = client.next() ?? [];
    client.request({ unsubscribe: ['*'] });
    client.request({ subscribe: ['*'] });
    const [second] = client.next() ?? [];
    expect(second?.answer.names).toEqual(['a']);
    expect(second?.answer.nonce).not.toBe(first?.answer.nonce);
  });

  it('are cut at about a mebibyte, between resources', () => {
    const big = '.'.repeat(400_000);
    const store = storeWith(CLUSTER, { a: big, b: big, c: big, huge: '.'.repeat(3_000_000), d: big });
    const frames = new Delta(store, CLUSTER).next() ?? [];
    expect(frames.map(({ answer }) => answer.names)).toEqual([['a', 'b'], ['c'], ['huge'], ['d']]);
  });
});
