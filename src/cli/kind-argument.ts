import { EnvoyageError } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { KINDS, type Kind } from '../model/kinds.ts';

/**
 * A kind as people type it: `Route`, `route` or `routes`.
 * @throws EnvoyageError usage
 */
export function readKind(text: string): Kind {
  const wanted = text.toLowerCase();
  const kind = KINDS.find((each) => [each.toLowerCase(), `${each.toLowerCase()}s`].includes(wanted));
  if (kind !== undefined) return kind;
  throw new EnvoyageError('usage', `there is no kind "${text}"${didYouMean(text, KINDS)}`, { hint: `the kinds are ${KINDS.join(', ')}` });
}

/** Two words, or one as the keys of objects are written: `route api`, `route/api`. */
export function splitKey(kind: string | undefined, name: string | undefined): readonly [kind: string | undefined, name: string | undefined] {
  const slash = kind?.indexOf('/') ?? -1;
  return kind === undefined || name !== undefined || slash < 0 ? [kind, name] : [kind.slice(0, slash), kind.slice(slash + 1)];
}

export const KIND_HELP = KINDS.map((kind) => kind.toLowerCase()).join(', ');
