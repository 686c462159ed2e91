import type { Rejection } from '../xds/rejection.ts';
import { sendPlace, type TypeUrl } from '../xds/types.ts';

/** A refusal that stands, and when it was said. */
export interface StandingRejection extends Rejection {
  /** The objects that it may be about, by key. */
  objects?: readonly string[];
  readonly at: Date;
}

/** What one Envoy made of one type, over all its streams. */
export interface ObservedType {
  readonly type: TypeUrl;
  sent: number;
  acked: number;
  rejected: number;
  sentVersion: string;
  ackedVersion: string;
  /** Undefined once it took something in place of what it refused. */
  rejection: StandingRejection | undefined;
}

export function newObservedType(type: TypeUrl): ObservedType {
  return { type, sent: 0, acked: 0, rejected: 0, sentVersion: '', ackedVersion: '', rejection: undefined };
}

/** The entry under `key`, made where there is none. */
export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** A set of types as one number; types without a place in the send order are left out. */
export function typeBit(type: TypeUrl): number {
  const place = sendPlace(type);
  return place === undefined ? 0 : 1 << place;
}
