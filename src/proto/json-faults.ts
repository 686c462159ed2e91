import type protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { didYouMean } from '../lib/nearest.ts';
import { type Fault, shown, unknownMessage } from './fault.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * Where canonical JSON is no message of a type. protobufjs stops at the first fault and names the type it is in; people need
 * all of them, and where they are in what they wrote. This walks the JSON along the type and has protobufjs judge each
 * value by itself, which is too slow for anything but JSON that it has refused already.
 */
export interface Finder {
  type(name: string): protobuf.Type | undefined;
  /** For "did you mean". */
  names(): Iterable<string>;
}

type Path = Fault['path'];

/** As many are told. */
const MOST_FAULTS = 20;

/** Deeper than Envoy itself reads (protobuf's own limit). */
const MOST_DEEP = 100;

export function jsonFaults(type: protobuf.Type, json: JsonObject, finder: Finder): readonly Fault[] {
  const faults: Fault[] = [];
  message(type, json, [], { finder, faults });
  return faults.slice(0, MOST_FAULTS);
}

const ANY = '.google.protobuf.Any';

interface Walk {
  readonly finder: Finder;
  readonly faults: Fault[];
}

function message(type: protobuf.Type, json: Json, path: Path, walk: Walk): void {
  if (walk.faults.length > MOST_FAULTS) return;
  if (path.length > MOST_DEEP) {
    walk.faults.push({ path: path.slice(0, 5), message: 'is too deep' });
    return;
  }
  if (type.fullName === ANY) {
    any(json, path, walk);
    return;
  }
  if (isWellKnown(type)) {
    judge(type, json, path, walk);
    return;
  }
  if (!isObject(json)) {
    walk.faults.push({ path, message: `must be an object, ${nameOf(type)}` });
    return;
  }
  const before = walk.faults.length;
  for (const [key, value] of Object.entries(json)) member(type, key, value, path, walk);
  // What is left concerns several members at once: two of a oneof, or one in both of its spellings.
  if (walk.faults.length === before) judge(type, hollow(type, json), path, walk);
}

/** The same members with nothing in those that have been looked at by themselves. */
function hollow(type: protobuf.Type, json: JsonObject): JsonObject {
  const entries = Object.entries(json).map(([key, value]): [string, Json] => {
    const field = fieldOf(type, key);
    if (field === undefined || value === null || nestedOf(field) === undefined) return [key, value];
    if (field.repeated || field.map) return [key, field.repeated ? [] : {}];
    return [key, isWellKnown(nestedOf(field)) ? value : {}];
  });
  return Object.fromEntries(entries);
}

function member(type: protobuf.Type, key: string, value: Json, path: Path, walk: Walk): void {
  const field = fieldOf(type, key);
  if (field === undefined) {
    walk.faults.push({ path: [...path, key], message: `unknown field "${shown(key)}" of ${nameOf(type)}${didYouMean(key, namesOf(type))}` });
    return;
  }
  if (value === null) return;
  const here = [...path, key];
  const nested = nestedOf(field);
  if (nested === undefined) judge(type, { [key]: value }, here, walk);
  else if (field.repeated && Array.isArray(value)) for (const [i, item] of value.entries()) element(nested, item, [...here, i], walk);
  else if (field.map && isObject(value)) for (const [name, item] of Object.entries(value)) element(nested, item, [...here, name], walk);
  else if (field.repeated) walk.faults.push({ path: here, message: 'must be a list' });
  else if (field.map) walk.faults.push({ path: here, message: 'must be a map' });
  else message(nested, value, here, walk);
}

/** Null stands for a field that is not there; in a list or a map it is one of google.protobuf.Value at most. */
function element(type: protobuf.Type, value: Json, path: Path, walk: Walk): void {
  if (value === null && type.fullName !== '.google.protobuf.Value') walk.faults.push({ path, message: `must be an object, ${nameOf(type)}` });
  else message(type, value, path, walk);
}

function any(json: Json, path: Path, walk: Walk): void {
  if (!isObject(json)) {
    walk.faults.push({ path, message: 'must be an object with "@type"' });
    return;
  }
  const { '@type': url, ...rest } = json;
  if (url === undefined && Object.keys(rest).length === 0) return;
  if (typeof url !== 'string') {
    walk.faults.push({ path: [...path, '@type'], message: `must be the type of the message, as in "type.googleapis.com/envoy.config.cluster.v3.Cluster"` });
    return;
  }
  const name = url.slice(url.lastIndexOf('/') + 1);
  const type = walk.finder.type(name);
  if (type === undefined) walk.faults.push({ path: [...path, '@type'], message: unknownMessage(name, walk.finder.names()) });
  else if (isWellKnown(type)) message(type, rest['value'] ?? rest, 'value' in rest ? [...path, 'value'] : path, walk);
  else message(type, rest, path, walk);
}

/** Has protobufjs say what is wrong, and takes the types out of its words: the path is known better here. */
function judge(type: protobuf.Type, json: Json, path: Path, { faults }: Walk): void {
  try {
    type.encode(protojson.fromJson(type, json as object)).finish();
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    faults.push({ path, message: shown(words.replace(/^(?:\.[\w.]+: )+/, '')) });
  }
}

/** The message in a field; undefined for a number, a text, an enum. */
export function nestedOf(field: protobuf.Field): protobuf.Type | undefined {
  const inner = field.resolvedType;
  return inner !== null && 'fields' in inner ? (inner as protobuf.Type) : undefined;
}

/** One that JSON has in a form of its own; an Any is its content. */
function isWellKnown(type: protobuf.Type | undefined): boolean {
  return type?.fullName.startsWith('.google.protobuf.') === true && type.fullName !== ANY;
}

export function fieldOf(type: protobuf.Type, key: string): protobuf.Field | undefined {
  for (const field of type.fieldsArray) if (jsonNameOf(field) === key || protoNameOf(field) === key) return field;
  return undefined;
}

/** As protojson spells it. */
export function jsonNameOf(field: protobuf.Field): string {
  return (field as protobuf.Field & { jsonName?: string }).jsonName ?? field.name;
}

/** As the .proto file spells it. */
export function protoNameOf(field: protobuf.Field): string {
  return (field as protobuf.Field & { protoName?: string }).protoName ?? field.name;
}

function namesOf(type: protobuf.Type): string[] {
  return type.fieldsArray.map(jsonNameOf);
}

function nameOf(type: protobuf.Type): string {
  return type.fullName.slice(1);
}

export function isObject(json: Json): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
