import type { Declared, DeclaredEdit } from '../model/declared.ts';
import type { Deposit } from '../model/deposit.ts';
import type { CommitOptions, Committed, Edit } from '../model/edit.ts';
import type { Kind, Stored } from '../model/kinds.ts';
import type { Move } from '../model/placement.ts';
import type { Override, Pause } from '../model/provider-status.ts';
import type { Quarantined } from '../model/quarantined.ts';
import type { Revision } from '../model/revision.ts';
import type { StoredService } from '../model/service.ts';
import type { BackupFile } from './backup.ts';

export type { Declared, DeclaredEdit } from '../model/declared.ts';
export type { Committed, Edit } from '../model/edit.ts';

/**
 * The desired state: what people own, and what providers declare beside it. What `commit` returned from is on disk; every accepted commit is one revision, and
 * one that changes nothing makes none. Reads answer from memory and never wait.
 */
export interface Registry {
  readonly moves: Moves;
  /** What the keys of certificates are sealed with; `commit` seals them. */
  readonly secrets: Secrets;
  readonly quarantines: QuarantineTable;
  readonly deposits: DepositTable;
  readonly overrides: OverrideTable;
  readonly pauses: PauseTable;
  /** The newest revision; 0 where there never was a change. */
  readonly revision: number;
  /** How many services there are. */
  readonly size: number;
  get(id: string): StoredService | undefined;
  /** By id. */
  list(): Iterable<StoredService>;
  /** Of any kind. @param key see `keyOf` */
  object(key: string): Stored | undefined;
  /** Those of a kind, or all, by key. */
  objects(kind?: Kind): Iterable<Stored>;
  /**
   * All edits or none. Keys of certificates are sealed before anything else: nothing that is stored, compared or told of has one.
   * @throws EnvoyageError service-exists, host-taken, service-not-found, precondition-failed, store-failed,
   *   object-not-found, reference-missing, still-in-use, name-taken, address-taken, owned-by-provider,
   *   secret-key-unusable, invalid-request (a sealed key that is none of this certificate)
   */
  commit(edits: readonly Edit[], author: string, options?: CommitOptions): Committed;
  /** The objects of a provider. */
  declared(provider: string): Iterable<Stored>;
  /** The names of the providers that have objects. */
  providers(): Iterable<string>;
  /**
   * Takes over what a provider declares, as far as it can be: what is refused is left as it was, and all else goes in, as one revision.
   * Objects of other providers give way; those of people do not.
   * @throws EnvoyageError store-failed, secret-key-unusable; then nothing is changed
   */
  declare(provider: string, edits: readonly DeclaredEdit[], options?: CommitOptions): Declared;
  /** The lowest revision whose objects of people are known in full: a rollback reaches back so far. */
  readonly reach: number;
  /** Newest first, those below `before`, at most `limit`. */
  revisions(options: { limit: number; before?: number | undefined }): Revision[];
  revisionAt(number: number): Revision | undefined;
  /** An object as it was as of a revision, from history; undefined where it was not there, or nobody knows any more. */
  objectAt(key: string, revision: number): Stored | undefined;
  /** Called after each commit that changed something, with the revision and what it changed. Returns the way to stop it. */
  onCommit(listener: (revision: Revision) => void): () => void;
  /**
   * A copy of the whole database as of one moment, in a file that the caller takes away. Commits go on meanwhile.
   * @throws EnvoyageError store-failed
   */
  backup(): Promise<BackupFile>;
  close(): void;
}

/** Seals what must not be read by who reads the database. */
export interface Secrets {
  /** Equal text has one sealed form. @throws EnvoyageError secret-key-unusable */
  seal(text: string): string;
  /** @throws SealError */
  open(sealed: string): string;
}

/** Who was put into which group. It is no part of the revisions: they are about what the groups hold. */
export interface Moves {
  get(node: string): Move | undefined;
  /** By node. */
  list(): readonly Move[];
  /** On disk when this returns. Who is in that group already stays as it is. @throws EnvoyageError store-failed */
  put(node: string, group: string, by: string): Move;
  /** @throws EnvoyageError store-failed */
  delete(node: string): void;
}

/** What Envoys refused and is parked. It is no part of the revisions: they are about what people want. */
export interface QuarantineTable {
  list(): Iterable<Quarantined>;
  /** On disk when this returns. @throws EnvoyageError store-failed */
  put(entry: Quarantined): void;
  /** @throws EnvoyageError store-failed */
  delete(view: string, key: string): void;
}

/** What somebody sent who is not asked again. */
export interface DepositTable {
  /** By name. */
  list(kind: Deposit['kind']): Deposit[];
  /** On disk when this returns. @throws EnvoyageError store-failed */
  put(deposit: Deposit): void;
  /** @throws EnvoyageError store-failed */
  delete(kind: Deposit['kind'], name: string): void;
}

/** What people lay over what providers declare. It is no part of the revisions; what comes of it is. */
export interface OverrideTable {
  /** Those of one service. */
  of(service: string): readonly Override[];
  /** By service and endpoint. */
  list(): readonly Override[];
  /** In the place of one for the same. On disk when this returns. @throws EnvoyageError store-failed */
  put(override: Override): void;
  /**
   * @param endpoint undefined for the one that is for all endpoints
   * @returns whether there was one
   * @throws EnvoyageError store-failed
   */
  delete(service: string, endpoint?: string): boolean;
}

/** The providers that somebody paused. */
export interface PauseTable {
  get(provider: string): Pause | undefined;
  list(): readonly Pause[];
  /** On disk when this returns. @throws EnvoyageError store-failed */
  put(provider: string, by: string): Pause;
  /** @throws EnvoyageError store-failed */
  delete(provider: string): void;
}
