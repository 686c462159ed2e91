import protobuf from 'protobufjs';
import type { Annotations } from './annotations.ts';
import type { Fault } from './fault.ts';
import { jsonNameOf, nestedOf, protoNameOf } from './json-faults.ts';
import { bytesFault, durationFault, enumFault, type FieldRules, type NumberRules, numberFault, stringFault } from './rules.ts';

/**
 * The constraints of Envoy's .proto files (`validate.rules`), which Envoy checks before it looks at a message any closer. A
 * message is checked with all that it holds, Anys included, and all faults are told; Envoy tells the first.
 */
export class Constraints {
  readonly #annotations: Annotations;
  readonly #find: (typeName: string) => protobuf.Type | undefined;
  readonly #plans = new Map<protobuf.Type, Plan>();

  /** @param find gives the types of what Anys hold */
  constructor(annotations: Annotations, find: (typeName: string) => protobuf.Type | undefined) {
    this.#annotations = annotations;
    this.#find = find;
  }

  faults(type: protobuf.Type, bytes: Uint8Array): readonly Fault[] {
    const faults: Fault[] = [];
    this.#message(type, type.decode(bytes) as Decoded, [], faults);
    return faults;
  }

  #message(type: protobuf.Type, message: Decoded, path: Fault['path'], faults: Fault[]): void {
    if (faults.length >= MOST_FAULTS) return;
    if (type.fullName === ANY) {
      this.#any(message, path, faults);
      return;
    }
    const { fields, oneofs } = this.#plan(type);
    for (const members of oneofs)
      if (!members.some(({ key }) => isSet(message, key))) faults.push({ path, message: `one of ${members.map(({ name }) => name).join(', ')} is required` });
    for (const each of fields) this.#field(each, message, [...path, each.name], faults);
  }

  /** What is in it is checked where Envoy's API has it. */
  #any(message: Decoded, path: Fault['path'], faults: Fault[]): void {
    const url = String(message['typeUrl'] ?? '');
    const type = this.#find(url.slice(url.lastIndexOf('/') + 1));
    const bytes = message['value'];
    if (type !== undefined) this.#message(type, type.decode(bytes instanceof Uint8Array ? bytes : new Uint8Array()) as Decoded, path, faults);
  }

  #field({ field, nested, rules }: Planned, message: Decoded, path: Fault['path'], faults: Fault[]): void {
    const there = isSet(message, field.name);
    const value = message[field.name];
    if (field.repeated) this.#list(field, (value ?? []) as unknown[], rules, path, faults);
    else if (field.map) this.#map(field, (value ?? {}) as Record<string, unknown>, rules, path, faults);
    else if (nested !== undefined && !there) {
      // Members of a oneof that are not chosen need not be there, whatever they say.
      const required = rules?.message?.required || rules?.duration?.required || rules?.any?.required;
      if (required && field.partOf === null) faults.push({ path, message: 'value is required' });
    } else if (there || field.partOf === null) this.#value(field, there ? value : emptyOf(field), rules, path, faults);
  }

  #list(field: protobuf.Field, values: readonly unknown[], rules: FieldRules | undefined, path: Fault['path'], faults: Fault[]): void {
    const { minItems, maxItems, unique, items, ignoreEmpty } = rules?.repeated ?? {};
    if (ignoreEmpty && values.length === 0) return;
    const fault = countFault(values.length, minItems, maxItems, 'item(s)');
    if (fault !== undefined) faults.push({ path, message: fault });
    if (unique && new Set(values.map(String)).size < values.length) faults.push({ path, message: 'repeated value must contain unique items' });
    for (const [i, value] of values.entries()) this.#value(field, value, items, [...path, i], faults);
  }

  #map(field: protobuf.Field, entries: Readonly<Record<string, unknown>>, rules: FieldRules | undefined, path: Fault['path'], faults: Fault[]): void {
    const { minPairs, maxPairs, keys, values, ignoreEmpty } = rules?.map ?? {};
    const all = Object.entries(entries);
    if (ignoreEmpty && all.length === 0) return;
    const fault = countFault(all.length, minPairs, maxPairs, 'pair(s)');
    if (fault !== undefined) faults.push({ path, message: fault });
    for (const [key, value] of all) {
      const ofKey = keys?.string === undefined ? undefined : stringFault(key, keys.string);
      if (ofKey !== undefined) faults.push({ path: [...path, key], message: ofKey });
      this.#value(field, value, values, [...path, key], faults);
    }
  }

  /** One value, an item of a list, or what is in a map. */
  #value(field: protobuf.Field, value: unknown, rules: FieldRules | undefined, path: Fault['path'], faults: Fault[]): void {
    const nested = nestedOf(field);
    const fault = rules === undefined ? undefined : valueFault(field, nested, value, rules);
    if (fault !== undefined) faults.push({ path, message: fault });
    else if (nested !== undefined && !rules?.message?.skip && isChecked(nested)) this.#message(nested, value as Decoded, path, faults);
  }

  #plan(type: protobuf.Type): Plan {
    const known = this.#plans.get(type);
    if (known !== undefined) return known;
    const { rules, requiredOneofs } = this.#annotations;
    const prefix = type.fullName.slice(1);
    const decoder = type.root.lookupType('validate.FieldRules');
    const fields = type.fieldsArray.flatMap((field): Planned[] => {
      const bytes = rules.get(`${prefix}.${protoNameOf(field)}`);
      const nested = nestedOf(field);
      if (bytes === undefined && (nested === undefined || !isChecked(nested))) return [];
      const decoded = bytes === undefined ? undefined : (decoder.toObject(decoder.decode(bytes), { longs: Number }) as FieldRules);
      return [{ field, name: jsonNameOf(field), nested, rules: decoded }];
    });
    const oneofs = type.oneofsArray
      .filter(({ name }) => requiredOneofs.has(`${prefix}.${name}`))
      .map(({ fieldsArray }) => fieldsArray.map((field) => ({ key: field.name, name: jsonNameOf(field) })));
    const plan = { fields, oneofs };
    this.#plans.set(type, plan);
    return plan;
  }
}

type Decoded = Readonly<Record<string, unknown>>;

interface Plan {
  readonly fields: readonly Planned[];
  /** Those of which one member has to be there. */
  readonly oneofs: readonly (readonly { readonly key: string; readonly name: string }[])[];
}

interface Planned {
  readonly field: protobuf.Field;
  readonly name: string;
  readonly nested: protobuf.Type | undefined;
  readonly rules: FieldRules | undefined;
}

const ANY = '.google.protobuf.Any';
const DURATION = '.google.protobuf.Duration';

/** As many are told. */
const MOST_FAULTS = 20;

/** Google's own messages have no rules; an Any has what is in it. */
function isChecked(type: protobuf.Type): boolean {
  return type.fullName === ANY || !type.fullName.startsWith('.google.protobuf.');
}

function valueFault(field: protobuf.Field, nested: protobuf.Type | undefined, value: unknown, rules: FieldRules): string | undefined {
  if (nested?.fullName === ANY) return anyFault(String((value as Decoded)['typeUrl'] ?? ''), rules);
  if (nested?.fullName === DURATION) return rules.duration === undefined ? undefined : durationFault(timeOf(value as Decoded), rules.duration);
  // A number or text in a wrapper, so that nothing can be told from zero.
  const bare = nested?.fullName.startsWith('.google.protobuf.') ? ((value as Decoded)['value'] ?? emptyOf(nested.fieldsArray[0])) : value;
  if (typeof bare === 'string') return rules.string === undefined ? undefined : stringFault(bare, rules.string);
  if (bare instanceof Uint8Array) return rules.bytes === undefined ? undefined : bytesFault(bare, rules.bytes);
  if (typeof bare === 'boolean') return rules.bool?.const === undefined || rules.bool.const === bare ? undefined : `value must equal ${rules.bool.const}`;
  if (field.resolvedType instanceof protobuf.Enum) {
    return rules.enum === undefined ? undefined : enumFault(Number(bare), rules.enum, field.resolvedType.values);
  }
  for (const kind of NUMBERS) if (rules[kind] !== undefined) return numberFault(Number(bare), rules[kind] as NumberRules);
  return undefined;
}

const NUMBERS = ['uint32', 'uint64', 'int32', 'int64', 'double', 'float'] as const;

function anyFault(url: string, { any }: FieldRules): string | undefined {
  if (any?.required && url === '') return 'value is required';
  if (any?.in !== undefined && any.in.length > 0 && !any.in.includes(url)) return `type URL must be in list [${any.in.join(' ')}]`;
  return any?.notIn?.includes(url) ? `type URL must not be in list [${any.notIn.join(' ')}]` : undefined;
}

function timeOf({ seconds, nanos }: Decoded): { seconds: number; nanos: number } {
  return { seconds: Number(seconds ?? 0), nanos: Number(nanos ?? 0) };
}

function countFault(count: number, min: number | undefined, max: number | undefined, unit: string): string | undefined {
  if ((min === undefined || count >= min) && (max === undefined || count <= max)) return undefined;
  if (min !== undefined && max !== undefined)
    return `value must contain ${min === max ? `exactly ${min}` : `between ${min} and ${max}`} ${min === max ? unit : `${unit.replace(/[()]/g, '')}, inclusive`}`;
  return min === undefined ? `value must contain no more than ${max} ${unit}` : `value must contain at least ${min} ${unit}`;
}

function isSet(message: Decoded, name: string): boolean {
  return Object.hasOwn(message, name) && message[name] !== null && message[name] !== undefined;
}

/** What a field is that is not there. */
function emptyOf(field: protobuf.Field | undefined): unknown {
  if (field?.type === 'string') return '';
  if (field?.type === 'bytes') return new Uint8Array();
  return field?.type === 'bool' ? false : 0;
}
