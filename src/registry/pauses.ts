import type Database from 'better-sqlite3';
import type { Pause } from '../model/provider-status.ts';
import type { OpenDatabase } from './open.ts';
import type { PauseTable } from './registry.ts';
import { guarded } from './write-faults.ts';

/** The providers that somebody paused, in the database and in memory. */
export class SqlitePauses implements PauseTable {
  readonly #database: OpenDatabase;
  readonly #now: () => Date;
  readonly #all = new Map<string, Pause>();
  readonly #put: Database.Statement<[Pause]>;
  readonly #delete: Database.Statement<[string]>;

  constructor(database: OpenDatabase, now: () => Date) {
    this.#database = database;
    this.#now = now;
    for (const row of database.db.prepare<[], Pause>('SELECT provider, by, at FROM pauses ORDER BY provider').iterate()) this.#all.set(row.provider, row);
    this.#put = database.db.prepare('INSERT OR REPLACE INTO pauses (provider, by, at) VALUES (:provider, :by, :at)');
    this.#delete = database.db.prepare('DELETE FROM pauses WHERE provider = ?');
  }

  get(provider: string): Pause | undefined {
    return this.#all.get(provider);
  }

  list(): readonly Pause[] {
    return [...this.#all.values()];
  }

  put(provider: string, by: string): Pause {
    const known = this.#all.get(provider);
    if (known !== undefined) return known;
    const pause: Pause = { provider, by, at: this.#now().toISOString() };
    guarded(this.#database, () => this.#put.run(pause));
    this.#all.set(provider, pause);
    return pause;
  }

  delete(provider: string): void {
    if (!this.#all.has(provider)) return;
    guarded(this.#database, () => this.#delete.run(provider));
    this.#all.delete(provider);
  }
}
