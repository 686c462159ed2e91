import { dirname } from 'node:path';
import { EnvoyageError } from '../lib/errors.ts';
import type { CommitOptions, Committed, Edit } from '../model/edit.ts';
import { isDeclared, isService, type Kind, type Stored } from '../model/kinds.ts';
import type { Revision } from '../model/revision.ts';
import type { StoredService } from '../model/service.ts';
import { type BackupFile, backupTo } from './backup.ts';
import { declareEdits } from './declare.ts';
import { SqliteDeposits } from './deposits.ts';
import { applyEdits, type Outcome, type Stamp } from './edits.ts';
import { Journal, KEPT_REVISIONS } from './journal.ts';
import { Listeners } from './listeners.ts';
import { SqliteMoves } from './moves.ts';
import { type OpenDatabase, openDatabase } from './open.ts';
import { SqliteOverrides } from './overrides.ts';
import { SqlitePauses } from './pauses.ts';
import { SqliteQuarantines } from './quarantines.ts';
import type { Declared, DeclaredEdit, Registry, Secrets } from './registry.ts';
import { sealEach, sealEdits } from './seal-certificate.ts';
import { SecretKey } from './secret-key.ts';
import { State } from './state.ts';
import { openFault } from './unusable.ts';
import { guarded } from './write-faults.ts';

export interface RegistryOptions {
  /** Made, for its owner alone, where it is missing. */
  readonly dataDir: string;
  /** What the keys of certificates are sealed with; unless given, `secret.key` in the data folder, which is made when it is needed. */
  readonly secretKeyFile?: string | undefined;
  /** Goes on although keys in the database do not open; their certificates have to be applied again. */
  readonly newSecretKey?: boolean | undefined;
  readonly now?: (() => Date) | undefined;
  /** How many revisions of people, and as many of providers, are kept. */
  readonly keptRevisions?: number | undefined;
  /** better-sqlite3's addon, already loaded: in the single binary it cannot find it by itself. */
  readonly nativeBinding?: object | undefined;
  /** Gets what a listener of `onCommit` threw; unless given, it becomes a warning of the process. */
  readonly onListenerError?: ((thrown: unknown) => void) | undefined;
}

/**
 * Opens the registry in `dataDir`, for this process alone.
 * @throws EnvoyageError data-dir-unusable, store-unusable, secret-key-unusable; then nothing on disk was changed
 */
export function openRegistry(options: RegistryOptions): Registry {
  const database = openDatabase(options.dataDir, options.nativeBinding);
  try {
    const secrets = new SecretKey(options.dataDir, options.secretKeyFile);
    const registry = new SqliteRegistry(database, options, secrets, new Journal(database.db, options.keptRevisions));
    secrets.verify(sealedKeys(registry), options.newSecretKey);
    return registry;
  } catch (thrown) {
    database.close();
    throw openFault(database.path, thrown, () => undefined);
  }
}

function* sealedKeys(registry: Registry): Generator<string> {
  for (const object of registry.objects('Certificate')) {
    if (isDeclared(object) && object.kind === 'Certificate' && object.key !== undefined) yield object.key;
  }
}

/** The registry over an open database. Use `openRegistry`. */
export class SqliteRegistry implements Registry {
  readonly moves: SqliteMoves;
  readonly secrets: Secrets;
  readonly quarantines: SqliteQuarantines;
  readonly deposits: SqliteDeposits;
  readonly overrides: SqliteOverrides;
  readonly pauses: SqlitePauses;
  readonly #database: OpenDatabase;
  readonly #journal: Journal;
  readonly #state: State;
  readonly #now: () => Date;
  readonly #listeners: Listeners<Revision>;
  #backups: Promise<void> = Promise.resolve();
  #planning = false;
  #closed = false;
  #newest: { readonly number: number; readonly time: string };

  constructor(
    database: OpenDatabase,
    options: Pick<RegistryOptions, 'now' | 'onListenerError'> = {},
    secrets: Secrets = new SecretKey(dirname(database.path)),
    journal = new Journal(database.db),
  ) {
    this.#database = database;
    this.secrets = secrets;
    this.#journal = journal;
    this.#state = new State(journal.objects());
    this.#newest = journal.newest() ?? { number: 0, time: '' };
    this.#now = options.now ?? (() => new Date());
    this.moves = new SqliteMoves(database, this.#now);
    this.quarantines = new SqliteQuarantines(database);
    this.deposits = new SqliteDeposits(database);
    this.overrides = new SqliteOverrides(database);
    this.pauses = new SqlitePauses(database, this.#now);
    this.#listeners = new Listeners(options.onListenerError ?? ((thrown) => process.emitWarning(thrown instanceof Error ? thrown : String(thrown))));
  }

  get revision(): number {
    this.#mustBeOpen();
    return this.#newest.number;
  }

  get size(): number {
    this.#mustBeOpen();
    return this.#state.size;
  }

  get(id: string): StoredService | undefined {
    this.#mustBeOpen();
    return this.#state.get(id);
  }

  list(): Iterable<StoredService> {
    this.#mustBeOpen();
    return this.#state.list();
  }

  object(key: string): Stored | undefined {
    this.#mustBeOpen();
    return this.#state.object(key);
  }

  *objects(kind?: Kind): Iterable<Stored> {
    this.#mustBeOpen();
    if (kind !== 'Service') yield* this.#state.declared(kind);
    if (kind === undefined || kind === 'Service') yield* this.#state.list();
  }

  declared(provider: string): Iterable<Stored> {
    this.#mustBeOpen();
    return this.#state.ofProvider(provider);
  }

  providers(): Iterable<string> {
    this.#mustBeOpen();
    return this.#state.providers();
  }

  commit(edits: readonly Edit[], author: string, { dryRun = false }: CommitOptions = {}): Committed {
    this.#mustBeOpen();
    const stamp = this.#stamp(author);
    const outcome = this.#plan(() => applyEdits(this.#state, sealEdits(edits, this.secrets), stamp));
    return this.#finish(outcome, stamp, dryRun);
  }

  declare(provider: string, edits: readonly DeclaredEdit[], { dryRun = false }: CommitOptions = {}): Declared {
    this.#mustBeOpen();
    const stamp = { ...this.#stamp(`${provider}@provider`), provider };
    const { sealed, unsealable } = sealEach(edits, this.secrets);
    const { outcome, refused } = this.#plan(() => declareEdits(this.#state, sealed, stamp));
    return { ...this.#finish(outcome, stamp, dryRun), refused: new Map([...unsealable, ...refused]) };
  }

  #finish({ draft, changes, resaid, objects }: Outcome, stamp: Stamp, dryRun: boolean): Committed {
    const services = objects.filter(isService);
    const unmade = { revision: this.#newest.number, changed: dryRun && changes.length > 0, changes, objects, services };
    if (dryRun || (changes.length === 0 && resaid.size === 0)) return unmade;
    const { revision: number, ...about } = stamp;
    guarded(this.#database, () =>
      this.#journal.transaction(() => {
        if (changes.length > 0) this.#journal.write({ number, ...about, changes }, (key) => draft.object(key));
        if (resaid.size > 0) this.#journal.writeOrigins(resaid);
      }),
    );
    this.#state.adopt(draft);
    if (changes.length === 0) return unmade;
    this.#newest = { number, time: stamp.time };
    this.#journal.wrote({ number, ...about });
    this.#listeners.tell({ number, ...about, changes });
    return { revision: number, changed: true, changes, objects, services };
  }

  get reach(): number {
    this.#mustBeOpen();
    return this.#journal.reach;
  }

  revisions({ limit, before }: { limit: number; before?: number | undefined }): Revision[] {
    this.#mustBeOpen();
    if (!(limit >= 1)) return [];
    try {
      return this.#journal.revisions(Math.min(Math.floor(limit), KEPT_REVISIONS), before ?? Number.MAX_SAFE_INTEGER);
    } catch (thrown) {
      throw openFault(this.#database.path, thrown, () => undefined);
    }
  }

  objectAt(key: string, revision: number): Stored | undefined {
    this.#mustBeOpen();
    try {
      return this.#journal.objectAt(key, revision);
    } catch (thrown) {
      throw openFault(this.#database.path, thrown, () => undefined);
    }
  }

  revisionAt(number: number): Revision | undefined {
    const [revision] = this.revisions({ limit: 1, before: number + 1 });
    return revision?.number === number ? revision : undefined;
  }

  onCommit(listener: (revision: Revision) => void): () => void {
    this.#mustBeOpen();
    return this.#listeners.add(listener);
  }

  /** One after the other, so that many who ask do not fill the disk. */
  backup(): Promise<BackupFile> {
    this.#mustBeOpen();
    const turn = this.#backups.then(() => backupTo(this.#database.db, dirname(this.#database.path)));
    this.#backups = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.clear();
    this.#database.close();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new EnvoyageError('store-unusable', 'the registry is closed: Envoyage is shutting down');
  }

  #stamp(author: string): Stamp {
    return { revision: this.#newest.number + 1, time: this.#time(), author };
  }

  /** Never before the newest revision, though the clock was set back. */
  #time(): string {
    const time = this.#now().toISOString();
    return time < this.#newest.time ? this.#newest.time : time;
  }

  /** An update's `change` is foreign code, which could commit; then what is planned here would be out of date. */
  #plan<T>(plan: () => T): T {
    if (this.#planning) throw new EnvoyageError('internal', 'a commit was asked for from within the change of another commit');
    this.#planning = true;
    try {
      return plan();
    } finally {
      this.#planning = false;
    }
  }
}
