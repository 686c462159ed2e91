import { expect, it } from 'vitest';
import { readKind, splitKey } from './kind-argument.ts';

it('reads kinds as people write them', () => {
  for (const text of ['Route', 'route', 'routes', 'ROUTES']) expect(readKind(text)).toBe('Route');
  expect(() => readKind('rout')).toThrow('there is no kind "rout" (did you mean "Route"?)');
});

it('takes a key for its two words', () => {
  expect(splitKey('route/api', undefined)).toEqual(['route', 'api']);
  expect(splitKey('route', 'api')).toEqual(['route', 'api']);
  expect(splitKey('raw/a/b', undefined)).toEqual(['raw', 'a/b']);
  expect(splitKey('routes', undefined)).toEqual(['routes', undefined]);
  expect(splitKey(undefined, undefined)).toEqual([undefined, undefined]);
});
