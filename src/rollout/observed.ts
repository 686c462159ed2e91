import type { Rejection } from '../xds/subscription.ts';
import type { TypeUrl } from '../xds/types.ts';

/** What one Envoy made of one type, over all its streams. */
export interface ObservedType {
  readonly type: TypeUrl;
  sent: number;
  acked: number;
  rejected: number;
  sentVersion: string;
  ackedVersion: string;
  /** Answers awaited now. */
  outstanding: number;
  /** Of what it was sent last; undefined once it took something newer. */
  rejection: (Rejection & { readonly at: Date }) | undefined;
}

/** Counts over all nodes, by type. */
export interface TypeCounts {
  sent: number;
  acked: number;
  rejected: number;
}

export function newObservedType(type: TypeUrl): ObservedType {
  return { type, sent: 0, acked: 0, rejected: 0, sentVersion: '', ackedVersion: '', outstanding: 0, rejection: undefined };
}

/** The entry under `key`, made where there is none. */
export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
