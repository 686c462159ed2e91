import { describe, expect, it } from 'vitest';
import { AskedNames } from './asked-names.ts';

const asked = (most = 100) => new AskedNames((name) => (name.startsWith('!') ? undefined : name.split('/')[0]), most);
const [one, two] = [{}, {}];

describe('AskedNames', () => {
  it('tells which names are new to all, and which nobody asks for any more', () => {
    const names = asked();
    expect(names.replace(one, ['a', 'b'])).toEqual({ added: ['a', 'b'], dropped: [] });
    expect(names.replace(two, ['b', 'c'])).toEqual({ added: ['c'], dropped: [] });
    expect(names.replace(one, ['d'])).toEqual({ added: ['d'], dropped: ['a'] });
    expect(names.replace(two, [])).toEqual({ added: [], dropped: ['b', 'c'] });
    expect(names.replace(one, [])).toEqual({ added: [], dropped: ['d'] });
    expect([names.size, ...names.keys()]).toEqual([0]);
  });

  it('counts a name once for each who asks, however often it is in the list', () => {
    const names = asked();
    names.replace(one, ['a', 'a']);
    names.replace(one, ['a']);
    expect(names.replace(one, []).dropped).toEqual(['a']);
  });

  it('finds names by their key', () => {
    const names = asked();
    names.replace(one, ['a', 'a/1', 'b/1']);
    expect([...names.of('a')]).toEqual(['a', 'a/1']);
    names.replace(one, ['a/1']);
    expect([[...names.of('a')], [...names.of('b')], [...names.keys()]]).toEqual([['a/1'], [], ['a']]);
  });

  it('passes over what has no key', () => {
    const names = asked();
    expect(names.replace(one, ['!', 'a'])).toEqual({ added: ['a'], dropped: [] });
    expect(names.replace(one, ['!'])).toEqual({ added: [], dropped: ['a'] });
  });

  it('keeps as many as it may, and has room again when some are let go', () => {
    const names = asked(2);
    expect(names.replace(one, ['a', 'b', 'c']).added).toEqual(['a', 'b']);
    expect(names.replace(two, ['a', 'd']).added).toEqual([]);
    expect(names.replace(one, ['c'])).toEqual({ added: [], dropped: ['b'] });
    expect(names.replace(one, ['c'])).toEqual({ added: ['c'], dropped: [] });
    expect(names.size).toBe(2);
  });
});
