import { describe, expect, it } from 'vitest';
import type { StoredService } from '../model/service.ts';
import { Draft, State } from './state.ts';
import { service } from './testkit.ts';

const stored = (id: string, endpoint = 'a:1'): StoredService => ({ ...service(id, endpoint), revision: 1, createdAt: 't', updatedAt: 't', updatedBy: 'me' });

describe('State', () => {
  it('lists by id, whatever the order in which services came', () => {
    const state = new State([stored('m'), stored('a')]);
    expect(state.list().map(({ id }) => id)).toEqual(['a', 'm']);
    const draft = new Draft(state);
    draft.set(stored('z'));
    draft.set(stored('b'));
    draft.delete('m');
    state.adopt(draft);
    expect(state.list().map(({ id }) => id)).toEqual(['a', 'b', 'z']);
    expect(state.size).toBe(3);
  });

  it('gives lists that later changes do not touch', () => {
    const state = new State([stored('a')]);
    const before = state.list();
    const draft = new Draft(state);
    draft.set(stored('a', 'b:2'));
    draft.set(stored('b'));
    state.adopt(draft);
    expect(before).toEqual([stored('a')]);
    expect(state.list()).toEqual([stored('a', 'b:2'), stored('b')]);
  });

  it('does not change before the draft is adopted, while the draft sees its own changes', () => {
    const state = new State([stored('a'), stored('b')]);
    const draft = new Draft(state);
    draft.delete('a');
    draft.set(stored('c'));
    expect([draft.get('a'), draft.get('b'), draft.get('c')]).toEqual([undefined, stored('b'), stored('c')]);
    expect([state.get('a'), state.get('c')]).toEqual([stored('a'), undefined]);
    expect(draft.rivalOf(service('x', 'a:1', { host: 'a' }))).toBeUndefined();
    expect(new Draft(state).rivalOf(service('x', 'a:1', { host: 'a' }))).toEqual(stored('a'));
  });
});
