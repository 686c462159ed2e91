import { parseDocuments } from '../../documents/parse.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { durationMs, parseDuration } from '../../model/duration.ts';
import type { Declaration } from '../provider.ts';

/** A body as it came. */
export interface Sent {
  readonly format: 'json' | 'yaml';
  readonly text: string;
}

/** What somebody pushed; no object has been held against the vocabulary yet. */
export interface Pushed {
  readonly objects: readonly Pick<Declaration, 'object' | 'origin'>[];
  /** Seconds. */
  readonly ttl: number | undefined;
}

/** As many objects one push may have. */
export const MOST_OBJECTS = 10_000;

/** The shortest and the longest time to live, seconds: a month is as good as for ever, and somebody's mistake more likely. */
const LEAST_TTL = 1;
const MOST_TTL = 31 * 86_400;

const FIELDS = ['objects', 'ttl'];

/**
 * Reads objects: a list of them, `{"objects": […], "ttl": "60s"}`, or YAML documents with one object or a list each. An object may
 * stand in `{"object": …, "origin": "web.yaml:1:1"}`, as /api/v1/apply takes it.
 * @throws EnvoyageError invalid-json, invalid-object with every line and column, invalid-request
 */
export function readPush({ format, text }: Sent): Pushed {
  const items = format === 'json' ? fromJson(text) : fromYaml(text);
  const [first] = items;
  if (items.length === 1 && (typeof first?.value !== 'object' || first.value === null))
    throw new EnvoyageError('invalid-request', 'the body is no list of objects, nor {"objects": […]}', { hint: 'docs/api.md, "Push", has an example' });
  const pushed = items.length === 1 && isEnvelope(first?.value) ? fromEnvelope(first.value) : { objects: items.map(declared), ttl: undefined };
  if (pushed.objects.length <= MOST_OBJECTS) return pushed;
  throw new EnvoyageError('invalid-request', `one push has at most ${MOST_OBJECTS} objects; these are ${pushed.objects.length}`, {
    hint: 'push them under several names',
  });
}

interface Item {
  readonly value: unknown;
  readonly origin: string;
}

function fromJson(text: string): Item[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new EnvoyageError('invalid-json', text === '' ? 'the body is empty; [] takes all objects away' : `the body is not valid JSON: ${message}`, { cause });
  }
  return Array.isArray(value) ? value.map((each: unknown, i) => ({ value: each, origin: `[${i}]` })) : [{ value, origin: 'body' }];
}

/** A document that cannot be read may be any of those that were there: then nothing is taken over. */
function fromYaml(text: string): Item[] {
  const { documents, faults } = parseDocuments(text, 'body');
  if (faults.length > 0) {
    throw new EnvoyageError('invalid-object', faults.map(({ origin, message }) => `${origin}: ${message}`).join('; '), {
      hint: 'nothing was changed; correct the lines that it names, and push again',
      errors: faults.map(({ origin, message }) => ({ field: origin, message })),
    });
  }
  if (documents.length === 0 && !/^\s*\[\s*\]\s*$/m.test(text))
    throw new EnvoyageError('invalid-request', 'the body has no document in it', { hint: '[] takes all objects away' });
  return documents.map(({ value, origin }) => ({ value, origin }));
}

/** What an object has at least one of; `object` where it stands in something with its origin. */
const OF_OBJECTS = ['kind', 'host', 'endpoints', 'object'];

/** A map that is no object. One that is misspelt is better refused than taken for a set of one thing that nobody understands. */
function isEnvelope(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !OF_OBJECTS.some((field) => field in value);
}

function fromEnvelope(envelope: Readonly<Record<string, unknown>>): Pushed {
  const unknown = Object.keys(envelope).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) {
    const message = `unknown field "${unknown.slice(0, 80)}": a push has ${FIELDS.join(' and ')}`;
    throw new EnvoyageError('invalid-request', message, { errors: [{ field: `/${unknown.slice(0, 80)}`, message }] });
  }
  const { objects, ttl } = envelope;
  if (!Array.isArray(objects))
    throw new EnvoyageError('invalid-request', 'objects must be a list', { errors: [{ field: '/objects', message: 'must be a list' }] });
  return {
    objects: objects.map((value: unknown, i) => declared({ value, origin: `objects[${i}]` })),
    ttl: ttl === undefined ? undefined : readTtl(ttl),
  };
}

/** Where a script does not say it, the place in the body. */
function declared({ value, origin }: Item): Pushed['objects'][number] {
  if (typeof value !== 'object' || value === null || !('object' in value) || 'kind' in value) return { object: value, origin };
  const said = 'origin' in value && typeof value.origin === 'string' ? value.origin.slice(0, 1024) : origin;
  return { object: value.object, origin: said };
}

/**
 * @param value `60s`, `5m`, or a number of seconds
 * @returns whole seconds
 * @throws EnvoyageError invalid-request
 */
export function readTtl(value: unknown): number {
  const seconds = typeof value === 'number' ? value : fromText(value);
  if (seconds >= LEAST_TTL && seconds <= MOST_TTL) return Math.ceil(seconds);
  throw badTtl(`must be from ${LEAST_TTL}s to ${(MOST_TTL / 86_400) * 24}h`);
}

function fromText(value: unknown): number {
  if (typeof value !== 'string') throw badTtl('must be a duration, as in "60s"');
  if (/^\d{1,10}$/.test(value)) return Number(value);
  try {
    return durationMs(parseDuration(value)) / 1000;
  } catch (thrown) {
    throw badTtl((thrown as Error).message);
  }
}

function badTtl(why: string): EnvoyageError {
  return new EnvoyageError('invalid-request', `the ttl ${why}`, { hint: 'as in ?ttl=60s', errors: [{ field: '/ttl', message: why }] });
}
