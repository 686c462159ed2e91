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
  for (const issue of error.issues.flatMap(meant)) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        yield { field: shown(pointer([...issue.path, key])), message: `unknown ${what} "${shown(key)}"${didYouMean(key, others(key, known))}` };
      continue;
    }
    const missing = OTHER_FORM.has(issue.code) && issue.input === undefined && issue.path.length > 0;
    yield { field: shown(pointer(issue.path)), message: missing ? `"${String(issue.path.at(-1))}" is missing` : issue.message };
  }
}

/** A word may be known elsewhere. */
function* others(word: string, known: readonly string[]): Generator<string, void, undefined> {
  for (const each of known) if (each !== word) yield each;
}

/** Faults of a value that is not of the form at all. */
const OTHER_FORM: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

/** Where there are several forms, the faults of the one that the input has, by its type; else what they are. */
function meant(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const forms = issue.errors.map((issues) => issues.flatMap(meant));
  const form = forms.find((issues) => !issues.some(({ code, path }) => path.length === 0 && OTHER_FORM.has(code)));
  return form === undefined ? [issue] : form.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}

function shown(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

/** A JSON pointer, RFC 6901 §3. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
