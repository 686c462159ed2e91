/**
 * The discovery messages as the tests speak them (envoy/service/discovery/v3/discovery.proto). Written from the .proto
 * file, without the server's codec or any protobuf library, so that a mistake over there cannot hide over here.
 */

export interface Status {
  readonly code: number;
  readonly message: string;
}

export interface SotwRequest {
  readonly versionInfo?: string | undefined;
  readonly node?: Buffer | undefined;
  readonly names?: readonly string[] | undefined;
  readonly typeUrl?: string | undefined;
  readonly nonce?: string | undefined;
  readonly error?: Status | undefined;
}

export interface DeltaRequest {
  readonly node?: Buffer | undefined;
  readonly typeUrl?: string | undefined;
  readonly subscribe?: readonly string[] | undefined;
  readonly unsubscribe?: readonly string[] | undefined;
  readonly initialVersions?: ReadonlyMap<string, string> | undefined;
  readonly nonce?: string | undefined;
  readonly error?: Status | undefined;
}

/** Either kind of response. A state-of-the-world resource has no name on the wire: the test resources carry theirs in the body. */
export interface Response {
  readonly typeUrl: string;
  readonly version: string;
  readonly nonce: string;
  readonly resources: readonly WireResource[];
  readonly removed: readonly string[];
  readonly size: number;
}

export interface WireResource {
  readonly name: string;
  /** Of a delta resource; empty in the other variant. */
  readonly version: string;
  readonly aliases: readonly string[];
  /** Empty where the resource has no body. */
  readonly typeUrl: string;
  readonly body: string;
  /** Seconds; undefined where the resource says nothing of a time to live. */
  readonly ttl?: number | undefined;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** Field `number`, length-delimited. */
export function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** A string field as proto3 writes it: not at all where it is empty. */
function text(number: number, content: string | undefined): Buffer {
  return content === undefined || content === '' ? Buffer.alloc(0) : field(number, content);
}

function message(number: number, content: Buffer | undefined): Buffer {
  return content === undefined ? Buffer.alloc(0) : field(number, content);
}

function status(error: Status | undefined): Buffer | undefined {
  if (error === undefined) return undefined;
  return Buffer.concat([varint(1 * 8), varint(error.code), text(2, error.message)]);
}

/** config.core.v3.Node with its version as Envoy says it, in user_agent_build_version. */
export function encodeNode({
  id = '',
  cluster = '',
  agent = '',
  features = [],
}: {
  id?: string;
  cluster?: string;
  agent?: string;
  features?: readonly string[];
}): Buffer {
  const semantic = Buffer.concat([varint(8), varint(1), varint(16), varint(40), varint(24), varint(2)]);
  return Buffer.concat([text(1, id), text(2, cluster), text(6, agent), field(8, field(1, semantic)), ...features.map((name) => field(10, name))]);
}

export function encodeSotw(request: SotwRequest): Buffer {
  return Buffer.concat([
    text(1, request.versionInfo),
    message(2, request.node),
    ...(request.names ?? []).map((name) => field(3, name)),
    text(4, request.typeUrl),
    text(5, request.nonce),
    message(6, status(request.error)),
  ]);
}

export function encodeDelta(request: DeltaRequest): Buffer {
  return Buffer.concat([
    message(1, request.node),
    text(2, request.typeUrl),
    ...(request.subscribe ?? []).map((name) => field(3, name)),
    ...(request.unsubscribe ?? []).map((name) => field(4, name)),
    ...[...(request.initialVersions ?? [])].map(([name, version]) => field(5, Buffer.concat([text(1, name), text(2, version)]))),
    text(6, request.nonce),
    message(7, status(request.error)),
  ]);
}

type Fields = readonly { readonly number: number; readonly bytes: Buffer }[];

/** The length-delimited fields of a message; discovery responses have no other that matters here. @throws Error where it is cut short */
export function decodeFields(bytes: Buffer): Fields {
  const fields: { number: number; bytes: Buffer }[] = [];
  let position = 0;
  const read = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[position++];
      if (byte === undefined) throw new Error('the message is cut short');
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (position < bytes.length) {
    const key = read();
    if (key % 8 !== 2) throw new Error(`field ${Math.floor(key / 8)} has wire type ${key % 8}`);
    const length = read();
    if (position + length > bytes.length) throw new Error('the message is cut short');
    fields.push({ number: Math.floor(key / 8), bytes: bytes.subarray(position, position + length) });
    position += length;
  }
  return fields;
}

function last(fields: Fields, number: number): Buffer | undefined {
  return fields.findLast((each) => each.number === number)?.bytes;
}

function all(fields: Fields, number: number): Buffer[] {
  return fields.filter((each) => each.number === number).map((each) => each.bytes);
}

function string(fields: Fields, number: number): string {
  return last(fields, number)?.toString() ?? '';
}

export function decodeSotw(bytes: Buffer): Response {
  const fields = decodeFields(bytes);
  const resources = all(fields, 2).map((any) => {
    const outer = decodeFields(any);
    return string(outer, 1) === WRAPPER ? decodeResource(last(outer, 2) ?? Buffer.alloc(0)) : decodeAny(any, '', '', []);
  });
  return { typeUrl: string(fields, 4), version: string(fields, 1), nonce: string(fields, 5), resources, removed: [], size: bytes.length };
}

export function decodeDelta(bytes: Buffer): Response {
  const fields = decodeFields(bytes);
  const resources = all(fields, 2).map(decodeResource);
  const removed = all(fields, 6).map(String);
  return { typeUrl: string(fields, 4), version: string(fields, 1), nonce: string(fields, 5), resources, removed, size: bytes.length };
}

/** In the state of the world, what is put around a resource with a time to live. */
const WRAPPER = 'type.googleapis.com/envoy.service.discovery.v3.Resource';

/** service.discovery.v3.Resource */
function decodeResource(resource: Buffer): WireResource {
  const fields = decodeFields(resource);
  const inner = decodeAny(last(fields, 2) ?? Buffer.alloc(0), string(fields, 3), string(fields, 1), all(fields, 4).map(String));
  const duration = last(fields, 6);
  // Field 1, a varint; the tests stay below 128 seconds.
  return duration === undefined ? inner : { ...inner, ttl: duration[0] === 8 && duration.length === 2 ? duration[1] : Number.NaN };
}

/** google.protobuf.Any around the body of a test resource, `NAME=CONTENT`. */
function decodeAny(any: Buffer, name: string, version: string, aliases: readonly string[]): WireResource {
  const fields = decodeFields(any);
  const body = string(fields, 2);
  // A message of Envoy's begins with a tag, which is no letter.
  if (!/^[ -~]+=/.test(body)) return { name, version, aliases, typeUrl: string(fields, 1), body };
  const nameInside = body.slice(0, body.indexOf('='));
  if (name !== '' && name !== nameInside) throw new Error(`the resource ${nameInside} came under the name ${name}`);
  return { name: nameInside, version, aliases, typeUrl: string(fields, 1), body: body.slice(nameInside.length + 1) };
}
