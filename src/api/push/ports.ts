import type { PushStatus } from '../../model/push-status.ts';
import type { RawBody } from '../route.ts';
import type { PushAnswer } from '../types.ts';

/** What scripts and pipelines push. */
export interface PushPort {
  /** By name. */
  list(): PushStatus[];
  /** @throws EnvoyageError provider-not-found */
  get(name: string): PushStatus;
  /**
   * Replaces all that was pushed under the name.
   * @param ttl before the one of the body
   * @returns resolves when it is in force, as far as it can be
   * @throws EnvoyageError invalid-json, invalid-object, invalid-request, store-failed
   */
  put(name: string, body: RawBody, ttl: string | undefined, author: string, dryRun: boolean): Promise<PushAnswer>;
  /** @throws EnvoyageError provider-not-found */
  renew(name: string): PushStatus;
  /** @throws EnvoyageError provider-not-found, store-failed */
  remove(name: string): Promise<{ readonly revision: number }>;
  /** Since the start. */
  readonly counts: { readonly pushed: number; readonly renewed: number; readonly expired: number };
}
