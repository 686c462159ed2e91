import type { z } from 'zod';
import { EnvoyageError, type FieldError } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';

/** At most this many faults are listed; a body of 10,000 wrong services would drown the first one. */
const MOST_FAULTS = 20;

/** A pointer or a name that somebody made up is shown up to this length. */
const MOST_SHOWN = 200;

/**
 * Parses `input` or throws one error that lists every fault, the first of them where there are many, unknown members with
 * the nearest known one.
 * @param what what the members of the input are called
 * @throws EnvoyageError invalid-request
 */
export function parseOrThrow<T>(schema: z.ZodType<T>, input: unknown, known: readonly string[], what = 'field'): T {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const errors: FieldError[] = [];
  let more = false;
  for (const fault of faultsIn(result.error, known, what)) {
    more = errors.length === MOST_FAULTS;
    if (more) break;
    errors.push(fault);
  }
  const detail = errors.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
  if (more) detail.push('and more');
  throw new EnvoyageError('invalid-request', detail.join('; '), { errors });
}

function* faultsIn(error: z.ZodError, known: readonly string[], what: string): Generator<FieldError, void, undefined> {
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) yield { field: shown(pointer([...issue.path, key])), message: `unknown ${what} "${shown(key)}"${didYouMean(key, known)}` };
      continue;
    }
    const missing = issue.code === 'invalid_type' && issue.input === undefined && issue.path.length > 0;
    yield { field: shown(pointer(issue.path)), message: missing ? `"${String(issue.path.at(-1))}" is missing` : issue.message };
  }
}

function shown(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

/** A JSON pointer, RFC 6901 §3. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
