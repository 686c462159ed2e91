import type { Service, StoredService } from './service.ts';

/** One wish. `expect` guards it: the revision that the service must still have (its ETag). */
export type Edit =
  | { readonly op: 'create'; readonly service: Service }
  | { readonly op: 'put'; readonly service: Service; readonly expect?: number | undefined }
  | { readonly op: 'update'; readonly id: string; readonly change: (current: StoredService) => Service; readonly expect?: number | undefined }
  | { readonly op: 'delete'; readonly id: string; readonly expect?: number | undefined };

export interface Committed {
  /** The revision that was made; the newest one where the edits changed nothing. */
  readonly revision: number;
  /** False where everything already was as wished: no revision was made. */
  readonly changed: boolean;
  /** The services as they are now, in the order of the edits, without the deleted ones. */
  readonly services: readonly StoredService[];
}
