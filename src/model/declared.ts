import type { EnvoyageError } from '../lib/errors.ts';
import type { Committed } from './edit.ts';
import type { Wish } from './kinds.ts';

/** A wish of a provider. @property origin where exactly it was said */
export type DeclaredEdit =
  | { readonly op: 'apply'; readonly wish: Wish; readonly origin?: string | undefined }
  /** @property key see `keyOf` */
  | { readonly op: 'remove'; readonly key: string };

/** What became of the wishes of a provider. */
export interface Declared extends Committed {
  /** What could not be, by key; those objects are as they were. */
  readonly refused: ReadonlyMap<string, EnvoyageError>;
}
