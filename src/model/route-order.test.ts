import { describe, expect, it } from 'vitest';
import type { Route, RouteMatch } from './route.ts';
import { compareCandidates, inOrder, reasonOfOrder } from './route-order.ts';

const to = [{ service: 'web' }];
const route = (name: string, match?: readonly RouteMatch[], priority?: number): Route => ({
  kind: 'Route',
  name,
  hosts: ['a'],
  to,
  ...(match === undefined ? {} : { match }),
  ...(priority === undefined ? {} : { priority }),
});
const names = (...routes: Route[]): string[] => inOrder(routes).map((each) => `${each.route.name}/${each.index}`);

describe('the order in which matches are asked', () => {
  /** Each is asked before the one below it, and none by its name. */
  const LADDER = [
    route('z', undefined, 7),
    route('y', [{ path: { exact: '/long/path' } }]),
    route('x', [{ path: { exact: '/' }, headers: { a: { present: true } } }]),
    route('w', [{ path: { exact: '/' } }]),
    route('v', [{ path: { regex: '/a.*' } }]),
    route('u', [{ path: { regex: '/' } }]),
    route('t', [{ path: { prefix: '/longer' } }]),
    route('s', [{ path: { prefix: '/long' }, methods: ['GET'], query: { a: { present: true } } }]),
    route('r', [{ path: { prefix: '/long' }, methods: ['GET', 'POST'] }]),
    route('q', [{ path: { prefix: '/long' } }]),
    route('p', [{ methods: ['GET'] }]),
    route('b', [{}, { path: { prefix: '/' } }]),
    route('c'),
    route('a', [{ path: { exact: '/longest/of/all' } }], -1),
  ];

  it('is priority, kind and length of the path, conditions, name, place', () => {
    const expected = ['z/0', 'y/0', 'x/0', 'w/0', 'v/0', 'u/0', 't/0', 's/0', 'r/0', 'q/0', 'p/0', 'b/0', 'b/1', 'c/0', 'a/0'];
    expect(names(...LADDER)).toEqual(expected);
    expect(names(...LADDER.toReversed())).toEqual(expected);
  });

  it('is total: any two differ one way or the other, and every chain holds together', () => {
    const all = inOrder(LADDER);
    for (const [i, a] of all.entries()) {
      for (const [j, b] of all.entries()) expect(Math.sign(compareCandidates(a, b))).toBe(Math.sign(i - j));
    }
  });

  it('mixes the matches of routes', () => {
    const one = route('one', [{ path: { exact: '/a' } }, { path: { prefix: '/' } }]);
    const two = route('two', [{ path: { prefix: '/b' } }]);
    expect(names(one, two)).toEqual(['one/0', 'two/0', 'one/1']);
  });

  it('can say why', () => {
    const reasons = inOrder(LADDER).map((each, i, all) => (i === 0 ? '' : reasonOfOrder(all[i - 1] ?? each, each)));
    expect(reasons).toEqual([
      '',
      'has priority 7, this one 0',
      'has the longer path',
      'has more conditions',
      'has an exact path, which goes before a regular expression',
      'has the longer path',
      'has a regular expression, which goes before a prefix',
      'has the longer path',
      'has more conditions',
      'has more conditions',
      'has the longer path',
      'has more conditions',
      'stands before it in the same route',
      'comes before it by name',
      'has priority 0, this one -1',
    ]);
  });
});
