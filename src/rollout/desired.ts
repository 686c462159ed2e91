import type { Kind, Stored } from '../model/kinds.ts';
import type { StoredService } from '../model/service.ts';

/** The desired state as this room reads it: the newest, from memory. */
export interface Desired {
  readonly revision: number;
  get(id: string): StoredService | undefined;
  list(): Iterable<StoredService>;
  /** Of any kind. @param key see `keyOf` */
  object(key: string): Stored | undefined;
  /** Those of a kind, or all. */
  objects(kind?: Kind): Iterable<Stored>;
}
