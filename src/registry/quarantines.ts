import type Database from 'better-sqlite3';
import type { Quarantined } from '../model/quarantined.ts';
import type { OpenDatabase } from './open.ts';
import type { QuarantineTable } from './registry.ts';
import { guarded } from './write-faults.ts';

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
    guarded(this.#database, () => this.#put.run(entry));
  }

  delete(view: string, key: string): void {
    guarded(this.#database, () => this.#delete.run(view, key));
  }
}
