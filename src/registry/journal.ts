import type Database from 'better-sqlite3';
import type { Change, Revision } from '../model/revision.ts';
import type { Service, StoredService } from '../model/service.ts';

/** A few weeks of a busy fleet; a rollback reaches back this far. */
export const KEPT_REVISIONS = 10_000;

interface ServiceRow {
  wish: string;
  revision: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
}

interface ChangeRow {
  id: string;
  before: string | null;
  after: string | null;
}

export type RevisionRow = Omit<Revision, 'changes'>;

/** The tables: the services as they are, and the revisions that led there. The only place that speaks SQL after open. */
export class Journal {
  readonly #db: Database.Database;
  readonly #kept: number;
  readonly #insertRevision: Database.Statement<[number, string, string]>;
  readonly #insertChange: Database.Statement<[number, number, string, string | null, string | null]>;
  readonly #putService: Database.Statement<[string, string, number, string, string, string]>;
  readonly #deleteService: Database.Statement<[string]>;
  readonly #prune: Database.Statement<[number]>;
  readonly #page: Database.Statement<[number, number], RevisionRow>;
  readonly #changes: Database.Statement<[number], ChangeRow>;

  constructor(db: Database.Database, kept = KEPT_REVISIONS) {
    this.#db = db;
    this.#kept = kept;
    this.#insertRevision = db.prepare('INSERT INTO revisions (number, time, author) VALUES (?, ?, ?)');
    this.#insertChange = db.prepare('INSERT INTO changes (revision, position, id, before, after) VALUES (?, ?, ?, ?, ?)');
    this.#putService = db.prepare('INSERT OR REPLACE INTO services (id, wish, revision, created_at, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?)');
    this.#deleteService = db.prepare('DELETE FROM services WHERE id = ?');
    this.#prune = db.prepare('DELETE FROM revisions WHERE number <= ?');
    this.#page = db.prepare('SELECT number, time, author FROM revisions WHERE number < ? ORDER BY number DESC LIMIT ?');
    this.#changes = db.prepare('SELECT id, before, after FROM changes WHERE revision = ? ORDER BY position');
  }

  /** All services, by id. */
  *services(): Iterable<StoredService> {
    const rows = this.#db.prepare<[], ServiceRow>('SELECT wish, revision, created_at, updated_at, updated_by FROM services ORDER BY id');
    for (const row of rows.iterate()) {
      const wish = JSON.parse(row.wish) as Service;
      yield { ...wish, revision: row.revision, createdAt: row.created_at, updatedAt: row.updated_at, updatedBy: row.updated_by };
    }
  }

  /** One transaction: the revision, and the services that it changed as `now` has them. What grew too old goes. */
  write({ number, time, author, changes }: Revision, now: (id: string) => StoredService | undefined): void {
    this.#db.transaction(() => {
      this.#insertRevision.run(number, time, author);
      changes.forEach(({ id, before, after }, position) => {
        const wish = after === null ? null : JSON.stringify(after);
        this.#insertChange.run(number, position, id, before === null ? null : JSON.stringify(before), wish);
        const service = now(id);
        if (service === undefined || wish === null) this.#deleteService.run(id);
        else this.#putService.run(id, wish, service.revision, service.createdAt, service.updatedAt, service.updatedBy);
      });
      if (number > this.#kept) this.#prune.run(number - this.#kept);
    })();
  }

  /** The newest revision, without its changes; undefined before the first. */
  newest(): RevisionRow | undefined {
    return this.#page.get(Number.MAX_SAFE_INTEGER, 1);
  }

  /** Newest first, those below `before`, at most `limit`. */
  revisions(limit: number, before: number): Revision[] {
    return this.#page.all(before, limit).map((row) => ({ ...row, changes: this.#changesOf(row.number) }));
  }

  #changesOf(number: number): Change[] {
    return this.#changes.all(number).map(({ id, before, after }) => ({ id, before: wish(before), after: wish(after) }));
  }
}

function wish(json: string | null): Service | null {
  return json === null ? null : (JSON.parse(json) as Service);
}
