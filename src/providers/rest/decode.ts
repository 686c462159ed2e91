import { parseDocuments } from '../../documents/parse.ts';
import { keyOf } from '../../model/kinds.ts';
import { declaredTwice, keyOfRaw } from '../declarations.ts';
import { parsedWish } from '../parsed.ts';
import type { Declaration, DeclaredState, Problem } from '../provider.ts';
import { type Item, isMap, itemsOfBackends } from './backends.ts';
import { RestFault } from './fault.ts';

/** YAML of this size takes seconds to be understood, and nothing else is done meanwhile. */
const MOST_YAML_BYTES = 4 * 1024 * 1024;

export interface Decoded {
  readonly state: DeclaredState;
  /** Of the objects, as far as they can be told. */
  readonly keys: ReadonlySet<string>;
}

const SHAPES = 'a list of objects, {"objects":[…]} or {"backends":[…]}';

/**
 * What an answer declares. One that is not what it should be is refused as a whole; one object that is wrong becomes a problem,
 * and where it does not even say which one it is, nothing that is missing is taken for gone.
 * @param where what people call the answer, without secrets
 * @throws RestFault
 */
export function decode(body: Buffer, type: string | undefined, where: string, hostTemplate: string | undefined): Decoded {
  const text = textOf(body);
  const placed = isJson(type) ? fromJson(text, where, hostTemplate) : fromYaml(text, type, where, hostTemplate);
  const objects = new Map<string, Declaration>();
  const nameless: Declaration[] = [];
  const problems: Problem[] = [];
  for (const { object, place } of placed) {
    const declaration: Declaration = { object, origin: place(''), placeOf: place };
    const key = keyIn(object);
    const twin = key === undefined ? undefined : objects.get(key);
    if (key === undefined) nameless.push(declaration);
    else if (twin === undefined) objects.set(key, declaration);
    else problems.push(declaredTwice(key, declaration, twin));
  }
  const state = { objects: [...objects.values(), ...nameless], problems };
  return { state: nameless.length === 0 ? state : { ...state, keeps: () => true }, keys: new Set(objects.keys()) };
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new RestFault('the answer is not text in UTF-8');
  }
}

/** `application/json; charset=utf-8` and `application/vnd.x+json` are. */
function isJson(type: string | undefined): boolean {
  return /^(?:application|text)\/(?:[\w.-]+\+)?json$/.test(mediaType(type));
}

/** Of what says nothing about itself the text decides: JSON is YAML as well. */
function isYaml(type: string | undefined): boolean {
  return /^(?:|text\/plain|application\/octet-stream|(?:application|text)\/(?:x-|vnd\.|[\w.-]+\+)?yaml)$/.test(mediaType(type));
}

function mediaType(type = ''): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}

function fromJson(text: string, where: string, hostTemplate: string | undefined): Item[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    // The message repeats a part of the answer.
    const [place = ''] = /\(line \d+ column \d+\)/.exec((thrown as Error).message) ?? [];
    throw new RestFault(`the answer is not JSON ${place}`.trimEnd());
  }
  const items = Array.isArray(value) ? value.map((object, index) => itemAt(object, `/${index}`)) : (itemsOfMap(value, hostTemplate) ?? [itemAt(value, '')]);
  return items.map(({ object, place }) => ({ object, place: (pointer) => `${where}#${place(pointer)}` }));
}

function fromYaml(text: string, type: string | undefined, where: string, hostTemplate: string | undefined): Item[] {
  if (!isYaml(type)) throw new RestFault(`the answer is of type ${JSON.stringify(mediaType(type).slice(0, 80))}, and should be JSON or YAML`);
  if (text.length > MOST_YAML_BYTES) throw new RestFault(`the answer is YAML of more than ${MOST_YAML_BYTES} bytes: JSON may be larger`);
  if (text.trim() === '') throw new RestFault('the answer is empty');
  const { documents, faults } = parseDocuments(text, where);
  const [fault] = faults;
  if (fault !== undefined) throw new RestFault(`${fault.origin}: ${fault.message}`);
  return documents.flatMap(({ value, positionOf }): Item[] => {
    // Of a list each item is a document of its own.
    const items = itemsOfMap(value, hostTemplate) ?? [itemAt(value, '')];
    return items.map(({ object, place }) => ({ object, place: (pointer) => positionOf(place(pointer)) }));
  });
}

function itemAt(object: unknown, at: string): Item {
  return { object, place: (pointer) => at + pointer };
}

/** What a map of many stands for; undefined for an object. @throws RestFault where it is neither */
function itemsOfMap(value: unknown, hostTemplate: string | undefined): Item[] | undefined {
  if (!isMap(value)) throw new RestFault(`the answer should be ${SHAPES}`);
  const { backends, objects } = value;
  if (Array.isArray(backends)) return itemsOfBackends(backends, hostTemplate);
  if (Array.isArray(objects)) return objects.map((object, index) => itemAt(object, `/objects/${index}`));
  if ('kind' in value || 'endpoints' in value) return undefined;
  throw new RestFault(`the answer should be ${SHAPES}, and has neither`);
}

/** Which object it is, though it may be wrong otherwise; undefined where it does not say so. */
function keyIn(object: unknown): string | undefined {
  try {
    return keyOf(parsedWish(object));
  } catch {
    return keyOfRaw(object);
  }
}
