import type { Override } from '../../model/provider-status.ts';
import type { Rollout } from './rollout.ts';

/** What people lay over what providers declare. */

/** An override, and what became of it. */
export type LaidOverride = Override & {
  /** The provider of the service; missing where no provider has it now. */
  readonly provider?: string;
  /** False where it waits: the service or the endpoint is not there now, or the provider has not spoken since the start. */
  readonly inForce: boolean;
};

/** Answer of GET /api/v1/overrides. */
export interface OverrideList {
  /** By service and endpoint. */
  readonly overrides: readonly LaidOverride[];
  readonly revision: number;
}

/** Answer of PUT /api/v1/overrides/{service}. */
export interface WrittenOverride {
  readonly override: LaidOverride;
  readonly revision: number;
  readonly rollout?: Rollout;
}

/** Answer of DELETE /api/v1/overrides/{service}. */
export interface ClearedOverrides {
  readonly cleared: readonly Override[];
  readonly revision: number;
  readonly rollout?: Rollout;
}
