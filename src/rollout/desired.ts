import type { StoredService } from '../model/service.ts';

/** The desired state as this room reads it: the newest, from memory. */
export interface Desired {
  readonly revision: number;
  get(id: string): StoredService | undefined;
  list(): Iterable<StoredService>;
}
