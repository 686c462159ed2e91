import protobuf from 'protobufjs/minimal.js';
import { readNames } from './names.ts';
import { ttlBits } from './ttl-features.ts';
import type { TypeUrl } from './types.ts';

/**
 * The messages of envoy/service/discovery/v3/discovery.proto, read and written by hand: a fleet of a thousand Envoys
 * repeats 60 kB of node and every resource name in each request, and most of it need not be looked at.
 */

export interface NodeInfo {
  readonly id: string;
  readonly cluster: string;
  readonly userAgent: string;
  readonly version: string;
  /** The bytes of `node.metadata`, a part of the request and thus not to be kept; undefined where the node has none. */
  readonly metadata?: Buffer | undefined;
  /** Which of `node.client_features` concern a time to live, see `ttlBits`; absent for none. */
  readonly ttlBits?: number;
}

export interface ErrorDetail {
  readonly code: number;
  readonly message: string;
}

/** A DiscoveryRequest (state of the world). */
export interface SotwRequest {
  readonly typeUrl: TypeUrl;
  readonly node: Buffer | undefined;
  readonly versionInfo: string;
  readonly nonce: string;
  readonly error: ErrorDetail | undefined;
  readonly names: readonly string[];
}

/** A DeltaDiscoveryRequest. */
export interface DeltaRequest {
  readonly typeUrl: TypeUrl;
  readonly node: Buffer | undefined;
  readonly nonce: string;
  readonly error: ErrorDetail | undefined;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: ReadonlyMap<string, string>;
}

/** @throws Error where the bytes are not a protobuf message */
export function readSotwRequest(bytes: Buffer): SotwRequest {
  const reader = protobuf.Reader.create(bytes);
  const request = {
    typeUrl: '',
    node: undefined as Buffer | undefined,
    versionInfo: '',
    nonce: '',
    error: undefined as ErrorDetail | undefined,
    names: [] as readonly string[],
  };
  const names = new Names(bytes);
  while (reader.pos < reader.len) {
    const at = reader.pos;
    const tag = reader.uint32();
    if (tag === 10) request.versionInfo = reader.string();
    else if (tag === 18) request.node = view(reader.bytes());
    else if (tag === 26) names.skip(reader, at);
    else if (tag === 34) request.typeUrl = reader.string();
    else if (tag === 42) request.nonce = reader.string();
    else if (tag === 50) request.error = readStatus(reader.bytes());
    else reader.skipType(tag & 7);
  }
  request.names = names.read();
  return request;
}

/** @throws Error where the bytes are not a protobuf message */
export function readDeltaRequest(bytes: Buffer): DeltaRequest {
  const reader = protobuf.Reader.create(bytes);
  const initialVersions = new Map<string, string>();
  const request = {
    typeUrl: '',
    node: undefined as Buffer | undefined,
    nonce: '',
    error: undefined as ErrorDetail | undefined,
    subscribe: [] as readonly string[],
    unsubscribe: [] as string[],
    initialVersions,
  };
  const names = new Names(bytes);
  while (reader.pos < reader.len) {
    const at = reader.pos;
    const tag = reader.uint32();
    if (tag === 10) request.node = view(reader.bytes());
    else if (tag === 18) request.typeUrl = reader.string();
    else if (tag === 26) names.skip(reader, at);
    else if (tag === 34) request.unsubscribe.push(reader.string());
    else if (tag === 42) initialVersions.set(...readMapEntry(reader.bytes()));
    else if (tag === 50) request.nonce = reader.string();
    else if (tag === 58) request.error = readStatus(reader.bytes());
    else reader.skipType(tag & 7);
  }
  request.subscribe = names.read();
  return request;
}

/** The same bytes, not copied. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Where the names of a request stand in it: nearly always one after the other, so that they can be looked at as one. */
class Names {
  readonly #bytes: Buffer;
  readonly #parts: { readonly start: number; end: number }[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Passes over one name, whose field begins at `at`. */
  skip(reader: protobuf.Reader, at: number): void {
    reader.skip(reader.uint32());
    const last = this.#parts.at(-1);
    if (last?.end === at) last.end = reader.pos;
    else this.#parts.push({ start: at, end: reader.pos });
  }

  read(): readonly string[] {
    const parts = this.#parts.map(({ start, end }) => this.#bytes.subarray(start, end));
    return readNames(parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts));
  }
}

function readMapEntry(bytes: Uint8Array): [string, string] {
  const reader = protobuf.Reader.create(bytes);
  const entry: [string, string] = ['', ''];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) entry[0] = reader.string();
    else if (tag === 18) entry[1] = reader.string();
    else reader.skipType(tag & 7);
  }
  return entry;
}

/** google.rpc.Status */
function readStatus(bytes: Uint8Array): ErrorDetail {
  const reader = protobuf.Reader.create(bytes);
  let code = 0;
  let message = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 8) code = reader.int32();
    else if (tag === 18) message = reader.string();
    else reader.skipType(tag & 7);
  }
  return { code, message };
}

/** envoy.config.core.v3.Node, without its list of extensions. */
export function readNode(bytes: Buffer): NodeInfo {
  const reader = protobuf.Reader.create(bytes);
  let id = '';
  let cluster = '';
  let userAgent = '';
  let version = '';
  let metadata: Buffer | undefined;
  let bits = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) id = reader.string();
    else if (tag === 18) cluster = reader.string();
    else if (tag === 26) metadata = view(reader.bytes());
    else if (tag === 50) userAgent = reader.string();
    else if (tag === 58) version = reader.string();
    else if (tag === 66) version = readBuildVersion(reader.bytes());
    else if (tag === 82) bits |= ttlBits(reader.string());
    else reader.skipType(tag & 7);
  }
  return { id, cluster, userAgent, version, metadata, ...(bits === 0 ? {} : { ttlBits: bits }) };
}

/** BuildVersion { type.v3.SemanticVersion version = 1; }, SemanticVersion { major = 1; minor = 2; patch = 3; } */
function readBuildVersion(bytes: Uint8Array): string {
  const outer = protobuf.Reader.create(bytes);
  const numbers = [0, 0, 0];
  while (outer.pos < outer.len) {
    const tag = outer.uint32();
    if (tag !== 10) {
      outer.skipType(tag & 7);
      continue;
    }
    const inner = protobuf.Reader.create(outer.bytes());
    while (inner.pos < inner.len) {
      const field = inner.uint32();
      if (field === 8 || field === 16 || field === 24) numbers[(field >> 3) - 1] = inner.uint32();
      else inner.skipType(field & 7);
    }
  }
  return numbers.join('.');
}
