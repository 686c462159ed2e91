import { createHash } from 'node:crypto';
import protobuf from 'protobufjs/minimal.js';
import { ownCopy } from '../lib/bytes.ts';
import type { TypeUrl } from './types.ts';

/** A named resource as the wire carries it. Immutable, made once, shared by every snapshot and stream. */
export interface Resource {
  readonly type: TypeUrl;
  readonly name: string;
  /** Hash of the content: 96 bits as 16 characters, since every resource carries it on the wire. */
  readonly version: string;
  /** `google.protobuf.Any` in its encoded form, the type URL included. */
  readonly any: Buffer;
  /** 128 bits that stand for name and content in a {@link Sum}. */
  readonly digest: bigint;
  /**
   * The name of the resource of another type that has to follow whenever this one is sent: a cluster stays warming until
   * its endpoints arrive again, changed or not (xds_protocol.rst, "Resource warming"; envoy#13009).
   */
  readonly follower: { readonly type: TypeUrl; readonly name: string } | undefined;
}

export function makeResource(type: TypeUrl, name: string, message: Uint8Array, follower?: Resource['follower']): Resource {
  const version = createHash('sha256').update(message).digest('base64url').slice(0, 16);
  const digest = BigInt(`0x${createHash('sha256').update(name).update('\0').update(version).digest('hex').slice(0, 32)}`);
  const any = protobuf.Writer.create().uint32(10).string(type).uint32(18).bytes(message).finish();
  return { type, name, version, any: ownCopy(any), digest, follower };
}

const MODULUS = 1n << 128n;

/**
 * The version of a set of resources: the sum of their digests modulo 2^128 (AdHash, Bellare and Micciancio 1997). It depends
 * on the content alone, not on the way that led there, and one resource changed costs one addition, whatever the set's size.
 */
export type Sum = bigint;

export function sumWith(sum: Sum, digest: bigint): Sum {
  return (sum + digest) % MODULUS;
}

export function sumWithout(sum: Sum, digest: bigint): Sum {
  return (sum - digest + MODULUS) % MODULUS;
}

/** 32 hex digits. */
export function sumVersion(sum: Sum): string {
  return sum.toString(16).padStart(32, '0');
}
