import type { Stored, Wish } from './kinds.ts';
import type { Change } from './revision.ts';
import type { Service, StoredService } from './service.ts';

/** One wish. `expect` guards it: the revision that the object must still have (its ETag). */
export type Edit =
  | { readonly op: 'create'; readonly service: Service }
  | { readonly op: 'put'; readonly service: Service; readonly expect?: number | undefined }
  | { readonly op: 'update'; readonly id: string; readonly change: (current: StoredService) => Service; readonly expect?: number | undefined }
  | { readonly op: 'delete'; readonly id: string; readonly expect?: number | undefined }
  /** Of any kind, new or not. @property origin where exactly it was said */
  | { readonly op: 'apply'; readonly wish: Wish; readonly expect?: number | undefined; readonly origin?: string | undefined }
  /** Of any kind. @property key see `keyOf` */
  | { readonly op: 'remove'; readonly key: string; readonly expect?: number | undefined };

export interface CommitOptions {
  /** Everything is checked and nothing is changed. */
  readonly dryRun?: boolean;
}

export interface Committed {
  /** The revision that was made; the newest one where the edits changed nothing, or were only tried. */
  readonly revision: number;
  /** False where everything already was as wished: no revision was made. */
  readonly changed: boolean;
  /** What was changed, one an object, or would be. */
  readonly changes: readonly Change[];
  /** The objects as they are now, in the order of the edits, without the deleted ones. */
  readonly objects: readonly Stored[];
  /** The services among them. */
  readonly services: readonly StoredService[];
}
