import protobuf from 'protobufjs/minimal.js';
import type { Resource } from './resource.ts';
import type { TypeUrl } from './types.ts';

/** A resource and the other names by which it was asked for; without one, what was asked for and is not there. */
export type Named =
  | { readonly resource: Resource; readonly aliases: readonly string[] }
  | { readonly resource?: undefined; readonly name: string; readonly version: string; readonly aliases: readonly string[] };

/** A DeltaDiscoveryResponse whose resources carry aliases (envoy/service/discovery/v3/discovery.proto). */
export function writeNamedResponse(type: TypeUrl, version: string, nonce: string, named: Iterable<Named>, removed: Iterable<string>): Uint8Array {
  const writer = protobuf.Writer.create().uint32(10).string(version);
  for (const each of named) {
    const { name, version: own } = each.resource ?? each;
    writer.uint32(18).fork().uint32(10).string(own);
    if (each.resource !== undefined) writer.uint32(18).bytes(each.resource.any);
    writer.uint32(26).string(name);
    for (const alias of each.aliases) writer.uint32(34).string(alias);
    writer.ldelim();
  }
  writer.uint32(34).string(type).uint32(42).string(nonce);
  for (const name of removed) writer.uint32(50).string(name);
  return writer.finish();
}
