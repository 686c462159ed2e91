import { describe, expect, it } from 'vitest';
import { Followers } from './followers.ts';
import { Store } from './store.ts';
import { Subscription } from './subscription.ts';
import { ENDPOINTS, SECRET, type TypeUrl } from './types.ts';

function setUp() {
  const subscriptions = new Map<TypeUrl, Subscription>();
  const followers = new Followers(subscriptions);
  const ask = (type: TypeUrl, names: string[]): Subscription => {
    const sub = new Subscription(type, new Store());
    for (const name of names) sub.names.add(name);
    subscriptions.set(type, sub);
    followers.asked(sub);
    return sub;
  };
  return { followers, ask };
}

const ends = (...names: string[]) => ({ type: ENDPOINTS, names });

describe('what has to follow', () => {
  it('is sent again where it was asked for, and else comes when it is', () => {
    const { followers, ask } = setUp();
    const sub = ask(ENDPOINTS, ['a', 'b']);
    followers.due([ends('a', 'c')]);
    expect([...sub.fresh]).toEqual(['a']);
  });

  it('is remembered for a type that has not been asked for, until it has', () => {
    const { followers, ask } = setUp();
    followers.due([ends('a', 'b')]);
    followers.due([ends('c'), { type: SECRET, names: ['s'] }]);
    const first = ask(ENDPOINTS, ['a', 'c', 'd']);
    expect([...first.fresh]).toEqual(['a', 'c']);
    expect([...ask(SECRET, ['s']).fresh]).toEqual(['s']);
    first.fresh.clear();
    followers.asked(first);
    expect([...first.fresh]).toEqual([]);
  });
});
