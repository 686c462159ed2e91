import type { Declared } from '../documents/objects.ts';
import type { TextFault } from '../documents/parse.ts';
import { didYouMean } from '../lib/nearest.ts';
import { keyOf, titleOf } from '../model/kinds.ts';
import { pointerTo, referencesOf } from '../model/references.ts';

/** What the objects refer to that is not among them. A daemon may have it, so that it is no fault. */
export function looseReferences(objects: readonly Declared[]): TextFault[] {
  const keys = new Set(objects.map(({ wish }) => keyOf(wish)));
  return objects.flatMap(({ wish, document }) =>
    referencesOf(wish)
      .filter((key) => !keys.has(key))
      .map((key) => ({ origin: document.positionOf(pointerTo(wish, key)), message: `${titleOf(key)} is not in these files${meant(key, keys)}` })),
  );
}

/** Of the same kind. */
function meant(key: string, keys: Iterable<string>): string {
  const kind = key.slice(0, key.indexOf('/') + 1);
  const names = [...keys].filter((each) => each.slice(0, each.indexOf('/') + 1) === kind).map((each) => each.slice(kind.length));
  return didYouMean(key.slice(kind.length), names);
}
