import { describe, expect, it } from 'vitest';
import { makeResource, sumVersion } from '../xds/resource.ts';
import { Store } from '../xds/store.ts';
import { CLUSTER, LISTENER } from '../xds/types.ts';
import { Departures } from './departures.ts';

function storeOf(...names: string[]): Store {
  const store = new Store();
  store.publish(names.map((name) => ({ type: CLUSTER, name, resource: makeResource(CLUSTER, name, Buffer.from(name)) })));
  return store;
}

describe('what a node held', () => {
  it('is as it was when it left, for who comes with that version', () => {
    const departures = new Departures();
    const store = storeOf('a', 'b');
    const version = sumVersion(store.sum(CLUSTER));
    departures.note('n', store);
    store.publish([{ type: CLUSTER, name: 'a', resource: null }]);
    const heldBefore = departures.take('n');
    expect(heldBefore?.(LISTENER, version)).toBeUndefined();
    expect([...(heldBefore?.(CLUSTER, version)?.keys() ?? [])]).toEqual(['a', 'b']);
  });

  it('is not known of who comes with another version', () => {
    const departures = new Departures();
    departures.note('n', storeOf('a'));
    expect(departures.take('n')?.(CLUSTER, 'other')).toBeUndefined();
  });

  it('is handed out once, and not kept by who has it', () => {
    const departures = new Departures();
    const store = storeOf('a');
    departures.note('n', store);
    const heldBefore = departures.take('n');
    expect(departures.take('n')).toBeUndefined();
    expect(heldBefore?.(CLUSTER, sumVersion(store.sum(CLUSTER)))?.size).toBe(1);
    expect(heldBefore?.(CLUSTER, sumVersion(store.sum(CLUSTER)))).toBeUndefined();
  });

  it('is kept for the latest 64', () => {
    const departures = new Departures();
    for (let i = 0; i < 65; i++) departures.note(`n${i}`, storeOf('a'));
    expect([departures.take('n0'), departures.take('n1')]).toEqual([undefined, expect.any(Function)]);
  });
});
