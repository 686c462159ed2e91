import type Database from 'better-sqlite3';
import type { Move } from '../model/placement.ts';
import type { OpenDatabase } from './open.ts';
import type { Moves } from './registry.ts';
import { guarded } from './write-faults.ts';

/** The moves in the database, all of them in memory as well. */
export class SqliteMoves implements Moves {
  readonly #database: OpenDatabase;
  readonly #now: () => Date;
  readonly #all = new Map<string, Move>();
  readonly #put: Database.Statement<[string, string, string, string]>;
  readonly #delete: Database.Statement<[string]>;

  constructor(database: OpenDatabase, now: () => Date) {
    this.#database = database;
    this.#now = now;
    const rows = database.db.prepare<[], Move>('SELECT node, "group", at, by FROM moves ORDER BY node');
    for (const row of rows.iterate()) this.#all.set(row.node, row);
    this.#put = database.db.prepare('INSERT OR REPLACE INTO moves (node, "group", at, by) VALUES (?, ?, ?, ?)');
    this.#delete = database.db.prepare('DELETE FROM moves WHERE node = ?');
  }

  get(node: string): Move | undefined {
    return this.#all.get(node);
  }

  list(): readonly Move[] {
    return [...this.#all.values()].toSorted((a, b) => (a.node < b.node ? -1 : 1));
  }

  put(node: string, group: string, by: string): Move {
    const known = this.#all.get(node);
    if (known?.group === group) return known;
    const move: Move = { node, group, at: this.#now().toISOString(), by };
    guarded(this.#database, () => this.#put.run(move.node, move.group, move.at, move.by));
    this.#all.set(node, move);
    return move;
  }

  delete(node: string): void {
    if (!this.#all.has(node)) return;
    guarded(this.#database, () => this.#delete.run(node));
    this.#all.delete(node);
  }
}
