import type protobuf from 'protobufjs';
import type { Json, JsonObject } from './json.ts';
import { fieldOf, isObject, nestedOf, protoNameOf } from './json-faults.ts';

/** What stands in the place of what nobody is to see; so does Envoy's own config_dump. */
export const REDACTED = '[redacted]';

/** The same as canonical JSON has bytes. */
const REDACTED_BYTES = Buffer.from(REDACTED).toString('base64');

/** Where a secret is, which is no secret (config.core.v3.DataSource). */
const PLACES: ReadonlySet<string> = new Set(['filename', 'environmentVariable', '@type']);

/** Headers whose values let somebody in, whoever sends them. */
const CREDENTIALS = /^(?:proxy-)?authorization$|^(?:set-)?cookie$|(?:^|[-_])(?:api[-_]?key|token|secret|password)$/i;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

export interface Redaction {
  /** The full names of fields that nobody is to see. */
  readonly sensitive: ReadonlySet<string>;
  /** The types of what Anys hold. */
  find(typeName: string): protobuf.Type | undefined;
}

/**
 * Canonical JSON of a message without its secrets: the fields that Envoy's API marks as sensitive, values of headers with
 * credentials, and private keys wherever they are.
 */
export function redact(type: protobuf.Type, json: JsonObject, redaction: Redaction): JsonObject {
  const { '@type': url } = json;
  const inner = typeof url === 'string' ? redaction.find(url.slice(url.lastIndexOf('/') + 1)) : undefined;
  const holder = inner ?? type;
  const entries = Object.entries(json).map(([key, value]): [string, Json] => {
    const field = fieldOf(holder, key);
    if (field === undefined) return [key, unmarked(value)];
    if (redaction.sensitive.has(`${holder.fullName.slice(1)}.${protoNameOf(field)}`)) return [key, hidden(value, field.type === 'bytes')];
    return [key, within(field, value, redaction)];
  });
  return withoutCredentials(Object.fromEntries(entries));
}

function within(field: protobuf.Field, value: Json, redaction: Redaction): Json {
  const nested = nestedOf(field);
  if (nested === undefined) return unmarked(value);
  const one = (each: Json): Json => (isObject(each) ? redact(nested, each, redaction) : unmarked(each));
  if (Array.isArray(value)) return value.map(one);
  if (field.map && isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, one(each)]));
  return one(value);
}

/** Of what has no type of its own, such as a Struct. */
function unmarked(value: Json): Json {
  if (typeof value === 'string') return PRIVATE_KEY.test(value) ? REDACTED : value;
  if (Array.isArray(value)) return value.map(unmarked);
  return isObject(value) ? withoutCredentials(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unmarked(each)]))) : value;
}

/** A pair of a name and a value: a header, most often. */
function withoutCredentials(json: JsonObject): JsonObject {
  const name = json['key'] ?? json['name'] ?? json['headerName'];
  if (typeof name !== 'string' || !CREDENTIALS.test(name)) return json;
  const pair = (key: string, value: string): JsonObject => (json[key] === undefined ? {} : { [key]: value });
  return { ...json, ...pair('value', REDACTED), ...pair('rawValue', REDACTED_BYTES) };
}

function hidden(value: Json, isBytes: boolean): Json {
  if (typeof value === 'string') return isBytes ? REDACTED_BYTES : REDACTED;
  if (Array.isArray(value)) return value.map((each) => hidden(each, isBytes));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, PLACES.has(key) ? each : hidden(each, key === 'inlineBytes')]));
}
