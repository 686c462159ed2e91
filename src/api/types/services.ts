import type { StoredService } from '../../model/service.ts';
import type { Rollout } from './rollout.ts';

/** Services, and what writing them answers. */

/** Answer of GET /api/v1/services. */
export interface ServiceList {
  readonly services: readonly StoredService[];
  readonly revision: number;
}

/** Answer of POST with one service, PUT and PATCH. `rollout` is there where `?wait=acked` asked for it. */
export type WrittenService = StoredService & { readonly rollout?: Rollout };

/** Answer of POST with a list of services. */
export interface WrittenServices extends ServiceList {
  readonly rollout?: Rollout;
}

/** Answer of DELETE and of reload-xds. */
export interface WrittenRevision {
  readonly revision: number;
  readonly rollout?: Rollout;
}
