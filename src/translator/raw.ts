import { EnvoyageError } from '../lib/errors.ts';
import { nameFieldsOf, type Raw, resourceNameOf } from '../model/raw.ts';
import { pointer } from '../model/validation.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import { pathText } from '../proto/fault.ts';
import { type JsonObject, TYPE_URL_PREFIX } from '../proto/json.ts';

/** A resource as Envoys ask for it. */
export interface RawResource {
  /** The type URL. */
  readonly type: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Encodes a raw resource, its name filled in where it has none.
 * @throws EnvoyageError invalid-request, see {@link checkRaw}
 */
export function raw(wish: Raw, api: EnvoyApi): RawResource {
  const { type } = wish;
  try {
    return { type, name: resourceNameOf(wish), bytes: api.encode(messageOf(type), named(wish, api)) };
  } catch (cause) {
    checkRaw(wish, api);
    throw cause;
  }
}

/**
 * Sees that a raw resource is a message of its type that Envoys take, as far as Envoy's API says so.
 * @throws EnvoyageError invalid-request, every fault with its place below `/resource`
 */
export function checkRaw(wish: Raw, api: EnvoyApi): void {
  const typeName = messageOf(wish.type);
  if (!api.has(typeName)) {
    const [fault] = api.faults(typeName, {});
    throw refused([{ field: '/type', message: fault?.message ?? 'is no message' }], wish, 'the type URLs are in docs/vocabulary.md, section Raw');
  }
  const faults = api.faults(typeName, named(wish, api));
  if (faults.length === 0) return;
  throw refused(
    faults.map(({ path, message }) => ({ field: pointer(['resource', ...path]), message: path.length === 0 ? message : `${pathText(path)}: ${message}` })),
    wish,
  );
}

function refused(errors: readonly { field: string; message: string }[], { name }: Raw, hint?: string): EnvoyageError {
  return new EnvoyageError('invalid-request', `raw "${name}": ${errors.map(({ message }) => message).join('; ')}`, { errors, hint });
}

function messageOf(type: string): string {
  return type.slice(TYPE_URL_PREFIX.length);
}

/** The resource with its name, where its type has a field for one. */
function named(wish: Raw, api: EnvoyApi): JsonObject {
  const resource = wish.resource as JsonObject;
  const fields = nameFieldsOf(wish.type);
  const [field = ''] = fields;
  const said = fields.some((each) => resource[each] !== undefined && resource[each] !== null && resource[each] !== '');
  return said || !api.hasField(messageOf(wish.type), field) ? resource : { [field]: wish.name, ...without(resource, fields) };
}

function without(resource: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(resource).filter(([key]) => !fields.includes(key)));
}
