import { describe, expect, it, vi } from 'vitest';
import { sumVersion, sumWith } from './resource.ts';
import { Store } from './store.ts';
import { edit, resource, storeWith } from './testkit.ts';
import { CLUSTER, ENDPOINTS, ROUTES } from './types.ts';

/** Names to "changed" or to what was removed. */
function told(store: Store, seq: number): Record<string, string> | undefined {
  const deltas = store.since(CLUSTER, seq);
  return deltas && Object.fromEntries([...deltas].map(([name, { removed }]) => [name, removed === undefined ? 'changed' : 'removed']));
}

function removed(store: Store, from: number, to = store.seq): string[] | undefined {
  const removals = store.removals(CLUSTER, from, to);
  return removals && [...removals.keys()].toSorted();
}

describe('publish', () => {
  it('counts publications, of all types together', () => {
    const store = new Store();
    expect(store.seq).toBe(0);
    expect(store.publish([edit(CLUSTER, 'a', '1'), edit(ROUTES, 'r', '1')])).toBe(1);
    expect(store.publish([edit(ROUTES, 'r', '2')])).toBe(2);
    expect([store.touched(CLUSTER), store.touched(ROUTES), store.touched(ENDPOINTS)]).toEqual([1, 2, 0]);
  });

  it.each([
    ['what is there already', [edit(CLUSTER, 'a', '1')]],
    ['what is not there, taken away', [edit(CLUSTER, 'x', null)]],
    ['there and back', [edit(CLUSTER, 'a', '2'), edit(CLUSTER, 'a', '1')]],
    ['away and back', [edit(CLUSTER, 'a', null), edit(CLUSTER, 'a', '1')]],
    ['come and gone', [edit(CLUSTER, 'x', '1'), edit(CLUSTER, 'x', null)]],
    ['nothing', []],
  ])('makes no publication of edits that change nothing: %s', (_, edits) => {
    const store = storeWith(CLUSTER, { a: '1' });
    const sum = store.sum(CLUSTER);
    expect(store.publish(edits)).toBe(1);
    expect(store.sum(CLUSTER)).toBe(sum);
    expect(told(store, 1)).toEqual({});
  });

  it('publishes once more what it is asked to, where it is there', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    expect(store.publish([], [{ type: CLUSTER, name: 'a' }])).toBe(2);
    expect(told(store, 1)).toEqual({ a: 'changed' });
    expect(store.publish([], [{ type: CLUSTER, name: 'x' }])).toBe(2);
  });

  it('tells its listeners when it is told to, until they stop', () => {
    const store = new Store();
    const listener = vi.fn();
    const stop = store.onAnnounce(listener);
    store.publish([edit(CLUSTER, 'a', '1')]);
    expect(listener).not.toHaveBeenCalled();
    store.announce();
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    store.announce();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('the sum', () => {
  it('depends on the content alone', () => {
    const [one, other] = [new Store(), new Store()];
    one.publish([edit(CLUSTER, 'a', '1'), edit(CLUSTER, 'b', '2')]);
    other.publish([edit(CLUSTER, 'b', '1')]);
    other.publish([edit(CLUSTER, 'c', '1')]);
    other.publish([edit(CLUSTER, 'b', '2'), edit(CLUSTER, 'c', null)]);
    expect(other.sum(CLUSTER)).not.toBe(one.sum(CLUSTER));
    other.publish([edit(CLUSTER, 'a', '1')]);
    expect(other.sum(CLUSTER)).toBe(one.sum(CLUSTER));
  });

  it('is that of the digests, of no more than 128 bits, and tells which name has which content', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '2' });
    const [a, b] = [resource(CLUSTER, 'a', '1'), resource(CLUSTER, 'b', '2')];
    expect(store.sum(CLUSTER)).toBe(sumWith(a.digest, b.digest));
    expect(sumVersion(store.sum(CLUSTER))).toMatch(/^[0-9a-f]{32}$/);
    expect(storeWith(CLUSTER, { a: '2', b: '1' }).sum(CLUSTER)).not.toBe(store.sum(CLUSTER));
    expect(sumVersion(new Store().sum(CLUSTER))).toBe('0'.repeat(32));
  });
});

describe('since', () => {
  it('melts publications into what became of each name', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1', c: '1' });
    store.publish([edit(CLUSTER, 'a', '2'), edit(CLUSTER, 'b', null)]);
    store.publish([edit(CLUSTER, 'a', '3'), edit(CLUSTER, 'b', '1'), edit(CLUSTER, 'c', null)]);
    store.publish([edit(ROUTES, 'r', '1')]);
    expect(told(store, 1)).toEqual({ a: 'changed', c: 'removed' });
    expect(told(store, 2)).toEqual({ a: 'changed', b: 'changed', c: 'removed' });
    expect(told(store, 3)).toEqual({});
    expect(told(store, 4)).toEqual({});
  });

  it('leaves out what changed and changed back, unless it was to be sent once more on the way', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1', c: '1' });
    store.publish([edit(CLUSTER, 'a', '2'), edit(CLUSTER, 'b', '2')]);
    store.publish([edit(CLUSTER, 'a', '1'), edit(CLUSTER, 'b', '1')], [{ type: CLUSTER, name: 'c' }]);
    store.publish([edit(CLUSTER, 'c', '2')], [{ type: CLUSTER, name: 'b' }]);
    store.publish([edit(CLUSTER, 'c', '1')]);
    expect(told(store, 1)).toEqual({ b: 'changed', c: 'changed' });
  });

  it('knows what each name was before the first of them', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const before = store.get(CLUSTER, 'a')?.digest;
    store.publish([edit(CLUSTER, 'a', '2'), edit(CLUSTER, 'b', '1')]);
    store.publish([edit(CLUSTER, 'a', '3'), edit(CLUSTER, 'b', '2')]);
    expect(store.since(CLUSTER, 1)?.get('a')?.before).toBe(before);
    expect(store.since(CLUSTER, 1)?.get('b')?.before).toBeUndefined();
  });

  it('is not what it was, when there is more', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    store.publish([edit(CLUSTER, 'a', '2')]);
    expect(told(store, 1)).toEqual({ a: 'changed' });
    store.publish([edit(CLUSTER, 'b', '1')]);
    expect(told(store, 1)).toEqual({ a: 'changed', b: 'changed' });
  });

  it('is known from the beginning of a type, and unknown for what is forgotten: publications', () => {
    const store = storeWith(CLUSTER, { a: '0' });
    for (let i = 1; i <= 4096; i++) store.publish([edit(CLUSTER, 'a', String(i))]);
    expect(told(store, 0)).toBeUndefined();
    expect(told(store, 1)).toEqual({ a: 'changed' });
    expect(store.since(ROUTES, 0)?.size).toBe(0);
  });

  it('… and names, but never the newest publication', () => {
    const store = new Store();
    const many = (content: string, count = 60_000) => {
      const one = resource(CLUSTER, 'name', content);
      return Array.from({ length: count }, (_, i) => ({ type: CLUSTER, name: `name-${i}`, resource: { ...one, name: `name-${i}` } }));
    };
    store.publish(many('1'));
    expect(store.since(CLUSTER, 0)?.size).toBe(60_000);
    store.publish(many('2'));
    expect(store.since(CLUSTER, 0)).toBeUndefined();
    expect(store.since(CLUSTER, 1)?.size).toBe(60_000);
    store.publish(many('3', 120_000));
    expect(store.since(CLUSTER, 2)?.size).toBe(120_000);
  });
});

describe('removals', () => {
  it('are what was taken away in between and is still away', () => {
    const store = storeWith(CLUSTER, { a: '1', b: '1', c: '1' });
    store.publish([edit(CLUSTER, 'a', null)]);
    store.publish([edit(CLUSTER, 'b', null), edit(CLUSTER, 'c', '2')]);
    expect(removed(store, 1)).toEqual(['a', 'b']);
    expect(removed(store, 1, 2)).toEqual(['a']);
    expect(removed(store, 2)).toEqual(['b']);
    expect(removed(store, 3)).toEqual([]);
    store.publish([edit(CLUSTER, 'a', '1')]);
    expect(removed(store, 1, 2)).toEqual([]);
  });

  it('leave out what a later publication took away anew: something may lead to what it was in between', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    store.publish([edit(CLUSTER, 'a', null)]);
    store.publish([edit(CLUSTER, 'a', '2')]);
    store.publish([edit(CLUSTER, 'a', null)]);
    expect(removed(store, 1, 2)).toEqual([]);
    expect(removed(store, 1, 4)).toEqual(['a']);
    expect(store.removals(CLUSTER, 1, 4)?.get('a')?.version).toBe(resource(CLUSTER, 'a', '2').version);
  });

  it('of nothing are none, however long ago, and else unknown where that is forgotten', () => {
    const store = storeWith(CLUSTER, { a: '0' });
    for (let i = 1; i <= 5000; i++) store.publish([edit(CLUSTER, 'a', String(i))]);
    expect(removed(store, 1, 1)).toEqual([]);
    expect(removed(store, 1, 0)).toEqual([]);
    expect(removed(store, 1)).toBeUndefined();
  });
});

describe('admit and withdraw', () => {
  it('change what is held and its sum, and publish nothing', () => {
    const store = storeWith(CLUSTER, { a: '1' });
    const sum = store.sum(CLUSTER);
    const listener = vi.fn();
    store.onAnnounce(listener);
    store.admit(resource(CLUSTER, 'b', '1'));
    expect([store.seq, store.get(CLUSTER, 'b')?.name, told(store, 1)]).toEqual([1, 'b', {}]);
    expect(store.sum(CLUSTER)).toBe(storeWith(CLUSTER, { a: '1', b: '1' }).sum(CLUSTER));
    store.withdraw(CLUSTER, 'b');
    store.withdraw(CLUSTER, 'none');
    store.withdraw(ROUTES, 'b');
    expect([store.seq, store.get(CLUSTER, 'b'), store.sum(CLUSTER), listener.mock.calls]).toEqual([1, undefined, sum, []]);
  });

  it('hold what is published from then on as if it had been there', () => {
    const store = new Store();
    store.admit(resource(CLUSTER, 'a', '1'));
    store.admit(resource(CLUSTER, 'a', '2'));
    store.publish([edit(CLUSTER, 'a', null)]);
    expect([told(store, 0), removed(store, 0), store.sum(CLUSTER)]).toEqual([{ a: 'removed' }, ['a'], 0n]);
  });
});
