import type Database from 'better-sqlite3';
import type { Quarantined } from '../model/quarantined.ts';
import { isInPlace, type OpenDatabase } from './open.ts';
import type { QuarantineTable } from './registry.ts';
import { moved, writeFault } from './write-faults.ts';

/** The quarantines in the database. */
export class SqliteQuarantines implements QuarantineTable {
  readonly #database: OpenDatabase;
  readonly #list: Database.Statement<[], Quarantined>;
  readonly #put: Database.Statement<[Quarantined]>;
  readonly #delete: Database.Statement<[string, string]>;

  constructor(database: OpenDatabase) {
    this.#database = database;
    this.#list = database.db.prepare('SELECT key, "group", view, type, message, node, revision, good, since FROM quarantines ORDER BY since, view, key');
    this.#put = database.db.prepare(
      `INSERT OR REPLACE INTO quarantines (key, "group", view, type, message, node, revision, good, since)
       VALUES (:key, :group, :view, :type, :message, :node, :revision, :good, :since)`,
    );
    this.#delete = database.db.prepare('DELETE FROM quarantines WHERE view = ? AND key = ?');
  }

  list(): Quarantined[] {
    return this.#list.all();
  }

  put(entry: Quarantined): void {
    this.#write(() => this.#put.run(entry));
  }

  delete(view: string, key: string): void {
    this.#write(() => this.#delete.run(view, key));
  }

  #write(change: () => void): void {
    if (!isInPlace(this.#database)) throw moved(this.#database.path);
    try {
      change();
    } catch (thrown) {
      throw writeFault(this.#database, thrown);
    }
  }
}
