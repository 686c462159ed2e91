import protobuf from 'protobufjs/minimal.js';
import type { TypeUrl } from './types.ts';

/** The answers of envoy/service/discovery/v3/discovery.proto, written by hand: what is in them is encoded already. */

/** The message that carries a name, a version and a time to live; in the state of the world it is put around a resource that has one. */
const WRAPPER = 'type.googleapis.com/envoy.service.discovery.v3.Resource';

/** What an answer says of one name. A resource is one as it is. */
export interface Entry {
  readonly name: string;
  readonly version: string;
  /** `google.protobuf.Any` in its encoded form; without it there is nothing, or nothing new. */
  readonly any?: Buffer;
  /** Other names by which it was asked for; incremental variant only. */
  readonly aliases?: readonly string[];
  /** Seconds after which the client drops it. */
  readonly ttl?: number;
}

/** A DiscoveryResponse. */
export function writeSotwResponse(type: TypeUrl, version: string, nonce: string, entries: Iterable<Entry>): Uint8Array {
  const writer = protobuf.Writer.create().uint32(10).string(version);
  for (const { name, any, ttl } of entries) {
    if (ttl === undefined) {
      if (any !== undefined) writer.uint32(18).bytes(any);
      continue;
    }
    writer.uint32(18).fork().uint32(10).string(WRAPPER).uint32(18).fork();
    if (any !== undefined) writer.uint32(18).bytes(any);
    writer.uint32(26).string(name);
    writeTtl(writer, ttl).ldelim().ldelim();
  }
  return writer.uint32(34).string(type).uint32(42).string(nonce).finish();
}

/** A DeltaDiscoveryResponse. */
export function writeDeltaResponse(type: TypeUrl, version: string, nonce: string, entries: Iterable<Entry>, removed: Iterable<string>): Uint8Array {
  const writer = protobuf.Writer.create().uint32(10).string(version);
  for (const { name, version: own, any, aliases, ttl } of entries) {
    writer.uint32(18).fork().uint32(10).string(own);
    if (any !== undefined) writer.uint32(18).bytes(any);
    writer.uint32(26).string(name);
    for (const alias of aliases ?? []) writer.uint32(34).string(alias);
    if (ttl !== undefined) writeTtl(writer, ttl);
    writer.ldelim();
  }
  writer.uint32(34).string(type).uint32(42).string(nonce);
  for (const name of removed) writer.uint32(50).string(name);
  return writer.finish();
}

/** google.protobuf.Duration */
function writeTtl(writer: protobuf.Writer, seconds: number): protobuf.Writer {
  return writer.uint32(50).fork().uint32(8).int64(seconds).ldelim();
}
