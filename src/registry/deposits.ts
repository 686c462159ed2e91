import type Database from 'better-sqlite3';
import type { Deposit } from '../model/deposit.ts';
import type { OpenDatabase } from './open.ts';
import type { DepositTable } from './registry.ts';
import { guarded } from './write-faults.ts';

type Row = Omit<Deposit, 'ttl'> & { readonly ttl: number | null };

/** What was pushed, in the database alone: it may be large, and is read when the daemon starts. */
export class SqliteDeposits implements DepositTable {
  readonly #database: OpenDatabase;
  readonly #list: Database.Statement<[string], Row>;
  readonly #put: Database.Statement<[Row]>;
  readonly #delete: Database.Statement<[string, string]>;

  constructor(database: OpenDatabase) {
    this.#database = database;
    this.#list = database.db.prepare('SELECT kind, name, body, ttl, by, at FROM deposits WHERE kind = ? ORDER BY name');
    this.#put = database.db.prepare('INSERT OR REPLACE INTO deposits (kind, name, body, ttl, by, at) VALUES (:kind, :name, :body, :ttl, :by, :at)');
    this.#delete = database.db.prepare('DELETE FROM deposits WHERE kind = ? AND name = ?');
  }

  list(kind: Deposit['kind']): Deposit[] {
    return this.#list.all(kind).map((row) => ({ ...row, ttl: row.ttl ?? undefined }));
  }

  put(deposit: Deposit): void {
    guarded(this.#database, () => this.#put.run({ ...deposit, ttl: deposit.ttl ?? null }));
  }

  delete(kind: Deposit['kind'], name: string): void {
    guarded(this.#database, () => this.#delete.run(kind, name));
  }
}
