import { isDeepStrictEqual } from 'node:util';
import { isDeclared, type Wish } from './kinds.ts';
import { sameService } from './service.ts';

/** True where both say the same, in the one form that the schemas give to equal content. */
export function sameWish(a: Wish, b: Wish): boolean {
  if (!isDeclared(a) && !isDeclared(b)) return sameService(a, b);
  return isDeepStrictEqual(a, b);
}
