import protobuf from 'protobufjs';

/**
 * What Envoy's .proto files say of their fields besides their types. These are extensions of the descriptors' options, which
 * protobufjs drops, so they are read from the descriptor set by hand (google/protobuf/descriptor.proto has the numbers).
 */
export interface Annotations {
  /** An encoded `validate.FieldRules`, by the field's full name in the .proto file. */
  readonly rules: ReadonlyMap<string, Uint8Array>;
  /** The full names of oneofs of which one has to be there. */
  readonly requiredOneofs: ReadonlySet<string>;
  /** The full names of fields that nobody is to see. */
  readonly sensitive: ReadonlySet<string>;
}

/** validate/validate.proto: `extend google.protobuf.FieldOptions`, and of OneofOptions. */
const VALIDATE = 1071;
/** udpa/annotations/sensitive.proto */
const SENSITIVE = 76569463;

const FILE = { package: 2, message: 4 };
const MESSAGE = { name: 1, field: 2, nested: 3, oneof: 8 };
const FIELD = { name: 1, options: 8 };
const ONEOF = { name: 1, options: 2 };

interface Found {
  readonly rules: Map<string, Uint8Array>;
  readonly requiredOneofs: Set<string>;
  readonly sensitive: Set<string>;
}

export function readAnnotations(descriptorSet: Uint8Array): Annotations {
  const found: Found = { rules: new Map(), requiredOneofs: new Set(), sensitive: new Set() };
  for (const file of each(descriptorSet, 1)) {
    const space = textIn(file, FILE.package);
    for (const message of each(file, FILE.message)) inMessage(message, space, found);
  }
  return found;
}

function inMessage(message: Uint8Array, space: string, found: Found): void {
  const name = `${space}.${textIn(message, MESSAGE.name)}`;
  for (const field of each(message, MESSAGE.field)) {
    for (const options of each(field, FIELD.options)) {
      const key = `${name}.${textIn(field, FIELD.name)}`;
      // The parts of a message that comes in several concatenate.
      const rules = each(options, VALIDATE);
      if (rules.length > 0) found.rules.set(key, Buffer.concat(rules));
      if (isTrue(options, SENSITIVE)) found.sensitive.add(key);
    }
  }
  for (const oneof of each(message, MESSAGE.oneof))
    for (const options of each(oneof, ONEOF.options)) if (isTrue(options, VALIDATE)) found.requiredOneofs.add(`${name}.${textIn(oneof, ONEOF.name)}`);
  for (const nested of each(message, MESSAGE.nested)) inMessage(nested, name, found);
}

/** The values of a field that is text, bytes or a message. */
function each(message: Uint8Array, wanted: number): Uint8Array[] {
  const values: Uint8Array[] = [];
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ((wanted << 3) | 2)) values.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return values;
}

function textIn(message: Uint8Array, wanted: number): string {
  return Buffer.from(each(message, wanted)[0] ?? []).toString();
}

function isTrue(message: Uint8Array, wanted: number): boolean {
  let value = false;
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === wanted << 3) value = reader.bool();
    else reader.skipType(tag & 7);
  }
  return value;
}
