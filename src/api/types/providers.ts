import type { ProviderProblem, ProviderStatus } from '../../model/provider-status.ts';
import type { ObjectResult } from './objects.ts';
import type { Rollout } from './rollout.ts';

/** Providers, and what is pushed to one. */

/** Answer of GET /api/v1/providers/discovery. */
export interface ProviderList {
  /** By name; of the problems of each the first ones. */
  readonly providers: readonly ProviderStatus[];
  /** How many overrides there are. */
  readonly overrides: number;
  readonly revision: number;
}

/** Answer of GET /api/v1/providers/discovery/{name}. */
export interface ProviderDetail {
  /** With a page of its problems. */
  readonly provider: ProviderStatus;
  /** A page of the keys of its objects, by key. */
  readonly keys: readonly string[];
  /** Pass as `offset` for the next page of both; null on the last. */
  readonly next: number | null;
  readonly revision: number;
}

/** Answer of POST /api/v1/providers/discovery/{name}/pause, resume and resync. */
export interface ProviderDone {
  readonly provider: ProviderStatus;
  /** Of a resync that was waited for: whether it has published anew. */
  readonly synced?: boolean;
  readonly revision: number;
  /** Of what it declares; there where `?wait=acked` asked for it. */
  readonly rollout?: Rollout;
}

/** Answer of PUT of a push. */
export interface PushAnswer {
  readonly name: string;
  readonly provider: string;
  /** The newest, in which all of it is that can be. */
  readonly revision: number;
  readonly changed: boolean;
  readonly dryRun: boolean;
  /** How the provider stands; while it is `paused`, what was pushed is kept for later. */
  readonly state: ProviderStatus['state'];
  /** Those in force, and those that went. */
  readonly objects: readonly { readonly kind: string; readonly name: string; readonly result: ObjectResult['result'] }[];
  /** What is wrong with others, the first of them; `problemCount` counts all. */
  readonly problems: readonly ProviderProblem[];
  readonly problemCount: number;
  /** Seconds. */
  readonly ttl?: number;
  readonly expiresAt?: string;
  readonly rollout?: Rollout;
}
