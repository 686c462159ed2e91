import type { Common } from './common.ts';

/** Any Envoy resource as it is: the way out where the vocabulary lacks a word. */
export interface Raw extends Common {
  readonly kind: 'Raw';
  /** Of the resource, too. */
  readonly name: string;
  /** The type URL, `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
  readonly type: string;
  /** Canonical JSON (protobuf's mapping), without `@type`. */
  readonly resource: Readonly<Record<string, unknown>>;
}
