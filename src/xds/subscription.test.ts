import { describe, expect, it } from 'vitest';
import { type Answer, EVERYTHING } from './frame.ts';
import { sumWith } from './resource.ts';
import { Subscription } from './subscription.ts';
import { edit, resource, storeWith } from './testkit.ts';
import { CLUSTER, ENDPOINTS, ROUTES } from './types.ts';

function answer(nonce: string, from: number, seq: number): Answer {
  return { type: CLUSTER, version: '', nonce, from, seq, names: [] };
}

describe('the sum over what was asked for', () => {
  it('keeps up with every change at the cost of the change', () => {
    const store = storeWith(ENDPOINTS, { a: '1', b: '1', other: '1' });
    const sub = new Subscription(ENDPOINTS, store);
    for (const name of ['a', 'b', 'late']) sub.names.add(name);
    const expectSum = (contents: Record<string, string>): void => {
      const expected = Object.entries(contents).reduce((sum, [name, content]) => sumWith(sum, resource(ENDPOINTS, name, content).digest), 0n);
      expect(sub.sum(store)).toBe(expected);
    };
    const publish = (...edits: ReturnType<typeof edit>[]): void => {
      store.publish(edits);
      const changes = store.since(ENDPOINTS, sub.cursor);
      if (changes !== undefined) sub.followSum(store, changes);
      sub.servedUpTo(store.seq, store.seq);
    };
    expectSum({ a: '1', b: '1' });
    publish(edit(ENDPOINTS, 'a', '2'), edit(ENDPOINTS, 'other', '2'));
    expectSum({ a: '2', b: '1' });
    publish(edit(ENDPOINTS, 'late', '1'), edit(ENDPOINTS, 'b', null));
    expectSum({ a: '2', late: '1' });
    store.publish([edit(ENDPOINTS, 'a', '3')]);
    publish(edit(ENDPOINTS, 'a', '4'), edit(ENDPOINTS, 'b', '1'));
    expectSum({ a: '4', b: '1', late: '1' });
    sub.names.delete('a');
    sub.forgetSum();
    expectSum({ b: '1', late: '1' });
    store.publish([], [{ type: ENDPOINTS, name: 'b' }]);
    publish();
    expectSum({ b: '1', late: '1' });
    sub.wildcard = true;
    sub.forgetSum();
    expect(sub.sum(store)).toBe(store.sum(ENDPOINTS));
  });
});

describe('what the client has taken', () => {
  it('goes as far as what was sent and answered', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const sub = new Subscription(CLUSTER, store);
    expect(sub.taken()).toBe(1);
    sub.sent({ answer: answer('first', EVERYTHING, 1), serial: 1 }, 0);
    expect(sub.taken()).toBe(EVERYTHING);
    sub.outstanding.delete('first');
    sub.servedUpTo(3, 3);
    sub.sent({ answer: answer('second', 1, 3), serial: 1 }, 0);
    expect(sub.taken()).toBe(1);
    sub.outstanding.delete('second');
    expect(sub.taken()).toBe(3);
  });

  it('is nothing where something asked for is still to come, and ends where removals or refusals begin', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const sub = new Subscription(CLUSTER, store);
    sub.servedUpTo(5, 4);
    expect(sub.taken()).toBe(4);
    sub.fresh.add('a');
    expect(sub.taken()).toBe(EVERYTHING);
    sub.fresh.clear();
    sub.gone.add('b');
    expect(sub.taken()).toBe(EVERYTHING);
    sub.gone.clear();
    sub.rejection = { answer: answer('x', 2, 3), error: { code: 1, message: '' }, from: 2, culprits: undefined };
    expect(sub.taken()).toBe(2);
  });
});

describe('what it remembers of answers', () => {
  it('is bounded, for a client that reads on and never answers', () => {
    const sub = new Subscription(CLUSTER, storeWith(CLUSTER, {}));
    for (let i = 0; i < 1000; i++) sub.sent({ answer: answer(`n${i}`, i, i + 1), serial: i }, i);
    expect(sub.outstanding.size).toBe(256);
    expect(sub.outstanding.has('n999')).toBe(true);
    expect(sub.outstanding.has('n0')).toBe(false);
  });
});

describe('passing over publications of other types', () => {
  it('moves the cursors, and those that have something to do stay', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const [clusters, routes] = [new Subscription(CLUSTER, store), new Subscription(ROUTES, store)];
    store.publish([edit(CLUSTER, 'a', null)]);
    for (const sub of [clusters, routes]) sub.passOver(store);
    expect([clusters.cursor, clusters.removalCursor, routes.cursor, routes.removalCursor]).toEqual([1, 1, 2, 2]);
    clusters.servedUpTo(2, 1);
    store.publish([edit(ROUTES, 'r', '1')]);
    clusters.passOver(store);
    expect([clusters.cursor, clusters.removalCursor]).toEqual([3, 1]);
  });
});
