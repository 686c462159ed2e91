import { describe, expect, it } from 'vitest';
import { EVERYTHING, FrameCache } from './frame.ts';
import { sumVersion } from './resource.ts';
import { keepHeld } from './sotw.ts';
import { edit, namesIn, Sotw, storeWith } from './testkit.ts';
import { CLUSTER, ENDPOINTS, ROUTES } from './types.ts';

describe('the whole', () => {
  it('is sent where any of it changed, each time with the publications that it covers', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1' });
    const client = new Sotw(store, CLUSTER);
    const [first] = client.next() ?? [];
    expect([first?.answer.names, first?.answer.from, first?.answer.version]).toEqual([['a', 'b'], EVERYTHING, sumVersion(store.sum(CLUSTER))]);
    expect(client.next()).toEqual([]);
    store.publish([edit(CLUSTER, 'b', '2')]);
    const [second] = client.next() ?? [];
    expect([second?.answer.names, second?.answer.from, second?.answer.seq]).toEqual([['a', 'b'], 1, 2]);
  });

  it('keeps what may not leave yet, and its version says so', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1' });
    const before = sumVersion(store.sum(CLUSTER));
    const client = new Sotw(store, CLUSTER);
    client.next();
    store.publish([edit(CLUSTER, 'a', null)]);
    expect(client.next(1)).toEqual([]);
    store.publish([edit(CLUSTER, 'c', '1')]);
    const [doomed] = client.next(1) ?? [];
    expect(doomed?.answer.names.toSorted()).toEqual(['a', 'b', 'c']);
    expect([before, sumVersion(store.sum(CLUSTER))]).not.toContain(doomed?.answer.version);
    const [last] = client.next(3) ?? [];
    expect([last?.answer.names.toSorted(), last?.answer.version]).toEqual([['b', 'c'], sumVersion(store.sum(CLUSTER))]);
  });

  it('never lists what came and went unseen', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const client = new Sotw(store, CLUSTER);
    client.next();
    store.publish([edit(CLUSTER, 'x', '1')]);
    store.publish([edit(CLUSTER, 'x', null)]);
    expect(client.next(1)).toEqual([]);
    store.publish([edit(CLUSTER, 'b', '1')]);
    expect(namesIn(client.next(1))).toEqual(['a', 'b']);
  });

  it('is shared, but not where different clusters changed for those who get it', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1', c: '1' });
    const follow = (name: string, content: string) => {
      const { resource } = edit(CLUSTER, name, content);
      return { type: CLUSTER, name, resource: resource && { ...resource, follower: { type: ENDPOINTS, name } } };
    };
    const frames = new FrameCache(store);
    const [quick, slow, twin] = [new Sotw(store, CLUSTER, [], '', frames), new Sotw(store, CLUSTER, [], '', frames), new Sotw(store, CLUSTER, [], '', frames)];
    const firsts = [quick, slow, twin].map((client) => client.next());
    expect(new Set(firsts).size).toBe(1);
    store.publish([follow('a', '2'), edit(CLUSTER, 'c', null)]);
    quick.next(1);
    store.publish([follow('b', '2')]);
    const followers = (client: Sotw) => client.next(3)?.flatMap((frame) => frame.followers.flatMap(({ names }) => names));
    expect([followers(quick), followers(slow), followers(twin)]).toEqual([['b'], ['a', 'b'], ['a', 'b']]);
  });

  it('is not sent to who has let go of it before it was', () => {
    const client = new Sotw(storeWith(CLUSTER, { a: '1' }), CLUSTER, ['a']);
    client.request([]);
    expect(client.next()).toEqual([]);
    client.request(['*']);
    client.request([]);
    expect(client.next()).toEqual([]);
  });

  it('never comes to one stream twice under one nonce', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const client = new Sotw(store, CLUSTER, ['*']);
    const [first] = client.next() ?? [];
    client.request(['b']);
    client.next();
    client.request(['*']);
    const [second] = client.next() ?? [];
    expect(second?.answer.names).toEqual(['a']);
    expect(second?.answer.nonce).not.toBe(first?.answer.nonce);
  });
});

describe('what a client holds from another store', () => {
  /** A client that comes with all of `before`, and has been sent what it is to be sent first. */
  function back(before: Record<string, string>, now: Record<string, string>, names: string[] = []) {
    const held = storeWith(CLUSTER, before);
    const store = storeWith(CLUSTER, now);
    const client = new Sotw(store, CLUSTER, names, sumVersion(held.sum(CLUSTER)));
    keepHeld(client.sub, store, held.resources(CLUSTER));
    return { store, client, first: namesIn(client.next(EVERYTHING)) };
  }

  it('stays in the whole until it may leave', () => {
    const { store, client, first } = back({ both: '1', old: '1' }, { both: '1', new: '1' });
    expect(first).toEqual(['both', 'new', 'old']);
    expect(client.sub.hasRemovals(store.seq)).toBe(true);
    store.publish([edit(CLUSTER, 'both', '2')]);
    const [changed] = client.next(EVERYTHING) ?? [];
    expect(changed?.answer.names.toSorted()).toEqual(['both', 'new', 'old']);
    const [last] = client.next() ?? [];
    expect([last?.answer.names.toSorted(), last?.answer.version]).toEqual([['both', 'new'], sumVersion(store.sum(CLUSTER))]);
    expect([client.next(), client.sub.hasRemovals(store.seq)]).toEqual([[], false]);
  });

  it('is not kept where nothing is asked for but other names', () => {
    expect(back({ both: '1', old: '1' }, { both: '1' }, ['both']).first).toEqual(['both']);
  });

  it('is the store’s own business once it comes back', () => {
    const { store, client } = back({ old: '1' }, { new: '1' });
    store.publish([edit(CLUSTER, 'old', '2')]);
    expect(namesIn(client.next(EVERYTHING))).toEqual(['new', 'old']);
    expect(client.sub.hasRemovals(store.seq)).toBe(false);
    store.publish([edit(CLUSTER, 'old', null)]);
    expect(client.next(EVERYTHING)).toEqual([]);
    expect(namesIn(client.next())).toEqual(['new']);
  });

  it('that came back and went again before anything was sent leaves late as well', () => {
    const { store, client } = back({ old: '1' }, { new: '1' });
    store.publish([edit(CLUSTER, 'old', '2')]);
    store.publish([edit(CLUSTER, 'old', null), edit(CLUSTER, 'new', '2')]);
    expect(namesIn(client.next(EVERYTHING))).toEqual(['new', 'old']);
    expect(namesIn(client.next())).toEqual(['new']);
  });
});

describe('a part', () => {
  it('is what changed of what was asked for, under the version of all that was', () => {
    const store = storeWith(ENDPOINTS, { a: '1', b: '1', other: '1' });
    const client = new Sotw(store, ENDPOINTS, ['a', 'b']);
    expect(namesIn(client.next())).toEqual(['a', 'b']);
    store.publish([edit(ENDPOINTS, 'other', '2')]);
    expect(client.next()).toEqual([]);
    store.publish([edit(ENDPOINTS, 'b', '2')]);
    const [change] = client.next() ?? [];
    expect(change?.answer.names).toEqual(['b']);
    const again = new Sotw(store, ENDPOINTS, ['b', 'a'], change?.answer.version);
    expect(again.next()).toEqual([]);
  });

  it('has no removals: what is gone is passed over', () => {
    const store = storeWith(ROUTES, { a: '1' });
    const client = new Sotw(store, ROUTES, ['a']);
    client.next();
    store.publish([edit(ROUTES, 'a', null)]);
    expect(client.next(EVERYTHING)).toEqual([]);
    expect(client.sub.hasRemovals(2)).toBe(false);
  });

  it('is shared by those to whom all of the change goes', () => {
    const store = storeWith(ENDPOINTS, { a: '1', b: '1' });
    const frames = new FrameCache(store);
    const make = (names: string[]) => new Sotw(store, ENDPOINTS, names, '', frames);
    const [one, two, other] = [make(['a', 'b']), make(['b', 'a']), make(['a'])];
    for (const client of [one, two, other]) client.next();
    store.publish([edit(ENDPOINTS, 'a', '2')]);
    const change = one.next();
    expect(two.next()).toBe(change);
    // Its version stands for less.
    expect(other.next()).not.toBe(change);
  });
});

describe('while a refusal stands', () => {
  it.each([CLUSTER, ENDPOINTS])('versions skip nothing later: %s', (type) => {
    const store = storeWith(type, { a: '1' });
    const client = new Sotw(store, type, ['a']);
    const [first] = client.next() ?? [];
    if (first !== undefined) client.sub.rejection = { answer: first.answer, error: { code: 1, message: '' }, from: EVERYTHING, culprits: undefined };
    store.publish([edit(type, 'a', '2')]);
    const [second] = client.next() ?? [];
    expect(second?.answer.version).toContain(sumVersion(store.sum(type)));
    expect(namesIn(new Sotw(store, type, ['a'], second?.answer.version).next())).toEqual(['a']);
  });
});
