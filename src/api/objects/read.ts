import { EnvoyageError, type FieldError } from '../../lib/errors.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { KINDS, type Kind, keyOf, titleOf, type Wish } from '../../model/kinds.ts';
import { parseWish } from '../../model/schemas.ts';

/** An object that somebody sent, where it was said, and where it stands in what was sent. */
export interface Sent {
  readonly wish: Wish;
  readonly origin: string | undefined;
  /** A JSON pointer into the body. */
  readonly pointer: string;
}

/** As many faults are listed; the first ones say enough. */
const MOST_FAULTS = 20;

/**
 * Reads every object, or throws one error that lists the faults of all.
 * @throws EnvoyageError invalid-request
 */
export function readSent(items: readonly { readonly object: unknown; readonly origin?: string | undefined }[]): Sent[] {
  const sent = new Map<string, Sent>();
  const faults: (FieldError & { readonly said: string })[] = [];
  for (const [index, { object, origin }] of items.entries()) {
    if (faults.length > MOST_FAULTS) break;
    const pointer = `/objects/${index}/object`;
    const said = origin === undefined ? '' : `${origin}: `;
    const wish = attempt(object, (field, message) => faults.push({ field: pointer + field, message, said }));
    if (wish === undefined) continue;
    const key = keyOf(wish);
    if (sent.has(key)) faults.push({ field: pointer, message: `${titleOf(key)} is in the list twice, at ${sent.get(key)?.pointer} too`, said });
    else sent.set(key, { wish, origin, pointer });
  }
  if (faults.length === 0) return [...sent.values()];
  const listed = faults.slice(0, MOST_FAULTS);
  const detail = listed.map(({ field, message, said }) => `${said || `${field}: `}${message}`);
  if (faults.length > MOST_FAULTS) detail.push('and more');
  throw new EnvoyageError('invalid-request', detail.join('; '), { errors: listed.map(({ field, message }) => ({ field, message })) });
}

function attempt(object: unknown, fault: (field: string, message: string) => void): Wish | undefined {
  try {
    return parseWish(object);
  } catch (thrown) {
    if (!(thrown instanceof EnvoyageError)) throw thrown;
    if (thrown.errors.length === 0) fault('', thrown.message);
    for (const { field, message } of thrown.errors) fault(field, message);
    return undefined;
  }
}

/**
 * An object whose kind and name the URL says.
 * @throws EnvoyageError invalid-request
 */
export function readNamed(kind: Kind, name: string, body: unknown): Wish {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return parseWish(body);
  const fields = body as Record<string, unknown>;
  const called = 'name' in fields || ('id' in fields && kind === 'Service') ? {} : { name };
  const wish = parseWish({ kind, ...called, ...fields, ...(kind === 'Service' && fields['kind'] === undefined ? { kind } : {}) });
  const wanted = kind === 'Service' ? name : `${kind}/${name}`;
  if (keyOf(wish) === wanted) return wish;
  throw new EnvoyageError('invalid-request', `${titleOf(keyOf(wish))} is not the one of the URL, ${titleOf(wanted)}`, {
    errors: [{ field: 'kind' in fields && fields['kind'] !== kind ? '/kind' : '/name', message: 'does not match the URL; an object cannot be renamed' }],
  });
}

/** @throws EnvoyageError not-found */
export function kindNamed(text: string): Kind {
  const kind = KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new EnvoyageError('not-found', `there is no kind "${text.slice(0, 80)}"${didYouMean(text, KINDS)}`, { hint: `the kinds are ${KINDS.join(', ')}` });
}

/**
 * Reads `KEY=VALUE,KEY=VALUE`; all have to hold.
 * @throws EnvoyageError invalid-request
 */
export function readSelector(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(',').map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new EnvoyageError('invalid-request', `the label "${pair.slice(0, 80)}" is not KEY=VALUE`, { hint: 'as in label=team=web' });
    return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
  });
  return new Map(pairs);
}

export function hasLabels({ labels = {} }: Wish, selector: ReadonlyMap<string, string>): boolean {
  return [...selector].every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
