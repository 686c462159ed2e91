import type { PathMatch, Route, RouteMatch } from './route.ts';

/** One match of a route: what a request is held against. */
export interface Candidate {
  readonly route: Route;
  /** Its place in `route.match`; 0 where the route has none. */
  readonly index: number;
  readonly match: RouteMatch;
}

const EVERYTHING: RouteMatch = {};

/** Every match of every route, in the order in which a request is held against them: the first that holds decides. */
export function inOrder(routes: Iterable<Route>): Candidate[] {
  return [...routes].flatMap(candidatesOf).toSorted(compareCandidates);
}

function candidatesOf(route: Route): Candidate[] {
  return (route.match ?? [EVERYTHING]).map((match, index) => ({ route, index, match }));
}

/**
 * Which of two is asked first; total, so that no order of creation matters. What decides, one after the other:
 *
 * 1. the higher `priority`;
 * 2. an exact path, then a regular expression, then a prefix. An expression before a prefix, as with nginx, Contour and Envoy
 *    Gateway: else the `/` that most hosts have would hide it;
 * 3. the longer path or expression (no path is the prefix `/`);
 * 4. more conditions on methods (one, however many), headers and query;
 * 5. the name of the route, then the place of the match in it.
 */
export function compareCandidates(a: Candidate, b: Candidate): number {
  return decisive(a, b)?.by ?? 0;
}

/** In words, why `first` is asked before `second`. */
export function reasonOfOrder(first: Candidate, second: Candidate): string {
  return decisive(first, second)?.words ?? 'it is the same';
}

function decisive(a: Candidate, b: Candidate): { readonly by: number; readonly words: string } | undefined {
  const [priorityA, priorityB] = [a.route.priority ?? 0, b.route.priority ?? 0];
  if (priorityA !== priorityB) return { by: priorityB - priorityA, words: `has priority ${priorityA}, this one ${priorityB}` };
  const [pathA, pathB] = [pathOf(a.match), pathOf(b.match)];
  if (pathA.rank !== pathB.rank) return { by: pathA.rank - pathB.rank, words: `has ${pathA.called}, which goes before ${pathB.called}` };
  if (pathA.length !== pathB.length) return { by: pathB.length - pathA.length, words: 'has the longer path' };
  const [conditionsA, conditionsB] = [conditions(a.match), conditions(b.match)];
  if (conditionsA !== conditionsB) return { by: conditionsB - conditionsA, words: 'has more conditions' };
  if (a.route.name !== b.route.name) return { by: a.route.name < b.route.name ? -1 : 1, words: 'comes before it by name' };
  return a.index === b.index ? undefined : { by: a.index - b.index, words: 'stands before it in the same route' };
}

function pathOf({ path = { prefix: '/' } }: RouteMatch): { readonly rank: number; readonly length: number; readonly called: string } {
  return { rank: rankOf(path), length: textOf(path).length, called: CALLED[rankOf(path)] ?? '' };
}

const CALLED = ['an exact path', 'a regular expression', 'a prefix'];

function rankOf(path: PathMatch): number {
  if ('exact' in path) return 0;
  return 'regex' in path ? 1 : 2;
}

function textOf(path: PathMatch): string {
  if ('exact' in path) return path.exact;
  return 'regex' in path ? path.regex : path.prefix;
}

function conditions({ methods, headers = {}, query = {} }: RouteMatch): number {
  return (methods === undefined ? 0 : 1) + Object.keys(headers).length + Object.keys(query).length;
}
