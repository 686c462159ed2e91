import protobuf from 'protobufjs/minimal.js';
import type { Resource } from './resource.ts';
import type { TypeUrl } from './types.ts';

/** The message that carries a time to live (envoy/service/discovery/v3/discovery.proto); in the state of the world it is put around each resource. */
const WRAPPER = 'type.googleapis.com/envoy.service.discovery.v3.Resource';

/** What a client says in `node.client_features` that takes a time to live. */
const TTL_FEATURE = 'xds.config.supports-resource-ttl';
/** The same for resources with a wrapper; Envoy's page on client features spells it in the second way. */
const WRAPPER_FEATURES: readonly string[] = ['xds.config.supports-resource-in-sotw', 'xds.config.resource-in-sotw'];

/** Bits, so that a node costs a number and not a list. */
const TTL = 1;
const WRAPPED = 2;

export function ttlBits(feature: string): number {
  if (feature === TTL_FEATURE) return TTL;
  return WRAPPER_FEATURES.includes(feature) ? WRAPPED : 0;
}

/** @param bits what the node's features come to, see {@link ttlBits} */
export function takesTtl(bits: number, variant: 'delta' | 'sotw'): boolean {
  const needed = variant === 'delta' ? TTL : TTL | WRAPPED;
  return (bits & needed) === needed;
}

/** How resources are written that the client is to drop after a time. */
export interface Leased {
  readonly seconds: number;
  /** False for a heartbeat: nothing but the name, the version and the time. */
  readonly bodies: boolean;
  version(resource: Resource): string;
}

/** A DeltaDiscoveryResponse. */
export function writeLeasedDelta(
  type: TypeUrl,
  version: string,
  nonce: string,
  resources: Iterable<Resource>,
  removed: Iterable<string>,
  { seconds, bodies, version: versionOf }: Leased,
): Uint8Array {
  const writer = protobuf.Writer.create().uint32(10).string(version);
  for (const resource of resources) {
    writer.uint32(18).fork().uint32(10).string(versionOf(resource));
    if (bodies) writer.uint32(18).bytes(resource.any);
    writer.uint32(26).string(resource.name);
    writeTtl(writer, seconds).ldelim();
  }
  writer.uint32(34).string(type).uint32(42).string(nonce);
  for (const name of removed) writer.uint32(50).string(name);
  return writer.finish();
}

/** A DiscoveryResponse. */
export function writeLeasedSotw(
  type: TypeUrl,
  version: string,
  nonce: string,
  resources: Iterable<Resource>,
  { seconds, bodies }: Omit<Leased, 'version'>,
): Uint8Array {
  const writer = protobuf.Writer.create().uint32(10).string(version);
  for (const resource of resources) {
    writer.uint32(18).fork().uint32(10).string(WRAPPER).uint32(18).fork();
    if (bodies) writer.uint32(18).bytes(resource.any);
    writer.uint32(26).string(resource.name);
    writeTtl(writer, seconds).ldelim().ldelim();
  }
  return writer.uint32(34).string(type).uint32(42).string(nonce).finish();
}

/** google.protobuf.Duration */
function writeTtl(writer: protobuf.Writer, seconds: number): protobuf.Writer {
  return writer.uint32(50).fork().uint32(8).int64(seconds).ldelim();
}
