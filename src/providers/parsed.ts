import { EnvoyageError } from '../lib/errors.ts';
import type { Wish } from '../model/kinds.ts';
import { parseWish } from '../model/schemas.ts';

const read = new WeakMap<object, Wish | EnvoyageError>();

/**
 * `parseWish`, once for each object: a provider that wants to know what it declares need not have it read twice. Who gives an object
 * here does not change it any more.
 * @throws EnvoyageError
 */
export function parsedWish(object: unknown): Wish {
  if (typeof object !== 'object' || object === null) return parseWish(object);
  const known = read.get(object) ?? attempt(object);
  read.set(object, known);
  if (known instanceof EnvoyageError) throw known;
  return known;
}

function attempt(object: object): Wish | EnvoyageError {
  try {
    return parseWish(object);
  } catch (thrown) {
    if (thrown instanceof EnvoyageError) return thrown;
    throw thrown;
  }
}
