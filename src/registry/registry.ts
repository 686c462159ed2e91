import type { CommitOptions, Committed, Edit } from '../model/edit.ts';
import type { Kind, Stored } from '../model/kinds.ts';
import type { Move } from '../model/placement.ts';
import type { Quarantined } from '../model/quarantined.ts';
import type { Revision } from '../model/revision.ts';
import type { StoredService } from '../model/service.ts';
import type { BackupFile } from './backup.ts';

export type { Committed, Edit } from '../model/edit.ts';

/**
 * The desired state that people own. What `commit` returned from is on disk; every accepted commit is one revision, and
 * one that changes nothing makes none. Reads answer from memory and never wait.
 */
export interface Registry {
  readonly moves: Moves;
  /** What the keys of certificates are sealed with; `commit` seals them. */
  readonly secrets: Secrets;
  readonly quarantines: QuarantineTable;
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
   *   object-not-found, reference-missing, still-in-use, name-taken, address-taken,
   *   secret-key-unusable, invalid-request (a sealed key that is none of this certificate)
   */
  commit(edits: readonly Edit[], author: string, options?: CommitOptions): Committed;
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
