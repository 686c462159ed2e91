import type { Declared, DeclaredEdit } from '../model/declared.ts';
import type { Stored } from '../model/kinds.ts';
import type { Override, Pause } from '../model/provider-status.ts';

/** The registry as this room uses it. */
export interface DeclaredObjects {
  object(key: string): Stored | undefined;
  /** The objects of a provider. */
  declared(provider: string): Iterable<Stored>;
  /** The names of the providers that have objects. */
  providers(): Iterable<string>;
  /** @throws EnvoyageError store-failed, secret-key-unusable */
  declare(provider: string, edits: readonly DeclaredEdit[]): Declared;
  readonly overrides: {
    of(service: string): readonly Override[];
    list(): readonly Override[];
    /** @throws EnvoyageError store-failed */
    delete(service: string, endpoint?: string): boolean;
  };
  readonly pauses: {
    get(provider: string): Pause | undefined;
    /** @throws EnvoyageError store-failed */
    put(provider: string, by: string): Pause;
    /** @throws EnvoyageError store-failed */
    delete(provider: string): void;
  };
  /** Called with the number of each revision, and the provider that made it. Returns the way to stop it. */
  onCommit(listener: (revision: { readonly number: number; readonly provider?: string | undefined }) => void): () => void;
}
