import type Database from 'better-sqlite3';
import type { Override } from '../model/provider-status.ts';
import type { OpenDatabase } from './open.ts';
import type { OverrideTable } from './registry.ts';
import { guarded } from './write-faults.ts';

type Row = { readonly [F in keyof Required<Override>]: Required<Override>[F] | null };

/** The overrides in the database, all of them in memory as well. One for all endpoints of a service has no endpoint. */
export class SqliteOverrides implements OverrideTable {
  readonly #database: OpenDatabase;
  readonly #byService = new Map<string, Map<string, Override>>();
  readonly #put: Database.Statement<[Row]>;
  readonly #delete: Database.Statement<[string, string]>;

  constructor(database: OpenDatabase) {
    this.#database = database;
    const rows = database.db.prepare<[], Row>('SELECT service, endpoint, weight, state, by, reason, at, until FROM overrides ORDER BY service, endpoint');
    for (const row of rows.iterate()) this.#remember(overrideOf(row));
    this.#put = database.db.prepare(
      `INSERT OR REPLACE INTO overrides (service, endpoint, weight, state, by, reason, at, until)
       VALUES (:service, :endpoint, :weight, :state, :by, :reason, :at, :until)`,
    );
    this.#delete = database.db.prepare('DELETE FROM overrides WHERE service = ? AND endpoint = ?');
  }

  of(service: string): readonly Override[] {
    return [...(this.#byService.get(service)?.values() ?? [])];
  }

  list(): Override[] {
    return [...this.#byService.values()].flatMap((all) => [...all.values()]).toSorted((a, b) => compare(placeOf(a), placeOf(b)));
  }

  put(override: Override): void {
    const { service, endpoint = '', weight = null, state = null, by, reason = null, at, until = null } = override;
    guarded(this.#database, () => this.#put.run({ service, endpoint, weight, state, by, reason, at, until }));
    this.#remember(override);
  }

  delete(service: string, endpoint = ''): boolean {
    const all = this.#byService.get(service);
    if (all?.has(endpoint) !== true) return false;
    guarded(this.#database, () => this.#delete.run(service, endpoint));
    all.delete(endpoint);
    if (all.size === 0) this.#byService.delete(service);
    return true;
  }

  #remember(override: Override): void {
    const all = this.#byService.get(override.service) ?? new Map<string, Override>();
    this.#byService.set(override.service, all);
    all.set(override.endpoint ?? '', override);
  }
}

function overrideOf(row: Row): Override {
  return Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== null && !(name === 'endpoint' && value === ''))) as unknown as Override;
}

function placeOf({ service, endpoint = '' }: Override): string {
  return `${service} ${endpoint}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
