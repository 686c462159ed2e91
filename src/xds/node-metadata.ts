import protobuf from 'protobufjs/minimal.js';

/** A `google.protobuf.Struct` as far as anybody here looks: `undefined` stands for null, lists, and what lies too deep. */
export type Struct = ReadonlyMap<string, StructValue>;
export type StructValue = string | number | boolean | Struct | undefined;

/** Protobuf libraries read as deep as this, too. */
const MOST_DEPTH = 100;
/** Envoys send some hundred bytes; a node must not keep us busy. */
export const MOST_METADATA_BYTES = 1 << 20;

/**
 * Reads the bytes of a `google.protobuf.Struct` (google/protobuf/struct.proto), by hand as the messages around it.
 * @throws Error where they are none, or more than {@link MOST_METADATA_BYTES}
 */
export function readStruct(bytes: Uint8Array): Struct {
  if (bytes.length > MOST_METADATA_BYTES) throw new Error(`node.metadata has ${bytes.length} bytes, more than the ${MOST_METADATA_BYTES} that rules look into`);
  try {
    return readFields(bytes, 1);
  } catch (cause) {
    throw new Error('node.metadata is not a google.protobuf.Struct', { cause });
  }
}

/** Struct { map<string, Value> fields = 1; } */
function readFields(bytes: Uint8Array, depth: number): Struct {
  const reader = protobuf.Reader.create(bytes);
  const fields = new Map<string, StructValue>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) fields.set(...readField(reader.bytes(), depth));
    else reader.skipType(tag & 7);
  }
  return fields;
}

function readField(bytes: Uint8Array, depth: number): [string, StructValue] {
  const reader = protobuf.Reader.create(bytes);
  const field: [string, StructValue] = ['', undefined];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) field[0] = reader.string();
    else if (tag === 18) field[1] = readValue(reader.bytes(), depth);
    else reader.skipType(tag & 7);
  }
  return field;
}

/** Value { oneof kind { null_value = 1; number_value = 2; string_value = 3; bool_value = 4; struct_value = 5; list_value = 6; } } */
function readValue(bytes: Uint8Array, depth: number): StructValue {
  const reader = protobuf.Reader.create(bytes);
  let value: StructValue;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 17) value = reader.double();
    else if (tag === 26) value = reader.string();
    else if (tag === 32) value = reader.bool();
    else if (tag === 42 && depth < MOST_DEPTH) value = readFields(reader.bytes(), depth + 1);
    else {
      value = undefined;
      reader.skipType(tag & 7);
    }
  }
  return value;
}
