import type { EnvoyVerdict } from './resources.ts';
import type { Rollout } from './rollout.ts';

/** Objects of every kind, and what became of them. */

/** An object as people declare it. */
export interface ObjectDocument {
  readonly kind: string;
  readonly name: string;
  readonly groups?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** The same with what the registry adds. */
export interface ApiObject extends ObjectDocument {
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly origin?: string;
  /** The provider that declares it; missing for what people own. */
  readonly provider?: string;
}

export type WrittenObject = ApiObject & { readonly rollout?: Rollout };

/** Answer of GET /api/v1/objects. */
export interface ObjectList {
  readonly objects: readonly ApiObject[];
  readonly revision: number;
}

/** What became of one object. */
export interface ObjectResult {
  readonly kind: string;
  readonly name: string;
  readonly result: 'created' | 'changed' | 'unchanged' | 'deleted';
  /** Missing where it is new or unchanged. */
  readonly before?: ObjectDocument;
  /** Missing where it is gone or unchanged. */
  readonly after?: ObjectDocument;
}

/** Answer of POST /api/v1/apply and /api/v1/rollback. */
export interface AppliedObjects {
  /** The revision that was made; the newest one where nothing changed, or would only have. */
  readonly revision: number;
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly objects: readonly ObjectResult[];
  /** Where a real Envoy was asked. */
  readonly envoy?: readonly EnvoyVerdict[];
  readonly rollout?: Rollout;
}
