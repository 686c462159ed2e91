import type { Problem } from './provider.ts';

/** An object that one source declares in two places, of which the first counts. */
export function declaredTwice(key: string, origin: string, first: string): Problem {
  const message = `it is declared twice, at ${first} too, and that counts`;
  return { code: 'declared-twice', key, origin, message, hint: 'leave one of the two out, or give it another name' };
}
