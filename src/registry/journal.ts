import type Database from 'better-sqlite3';
import type { Stored, Wish } from '../model/kinds.ts';
import type { Change, Revision } from '../model/revision.ts';
import { wishOf } from './state.ts';

/** A few weeks of a busy fleet; a rollback reaches back this far. */
export const KEPT_REVISIONS = 10_000;

interface ObjectRow {
  wish: string;
  revision: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
  origin: string | null;
}

interface ChangeRow {
  id: string;
  before: string | null;
  after: string | null;
}

interface VersionRow extends RevisionRow {
  readonly wish: string | null;
}

export type RevisionRow = Omit<Revision, 'changes'>;

/** The tables: the objects as they are, and the revisions that led there. The only place that speaks SQL after open. */
export class Journal {
  readonly #db: Database.Database;
  readonly #kept: number;
  readonly #insertRevision: Database.Statement<[number, string, string]>;
  readonly #insertChange: Database.Statement<[number, number, string, string | null, string | null]>;
  readonly #put: Database.Statement<[string, string, number, string, string, string, string | null]>;
  readonly #delete: Database.Statement<[string]>;
  readonly #prune: Database.Statement<[number]>;
  readonly #page: Database.Statement<[number, number], RevisionRow>;
  readonly #changes: Database.Statement<[number], ChangeRow>;
  readonly #latest: Database.Statement<[string, number], VersionRow>;
  readonly #next: Database.Statement<[string, number], VersionRow>;

  constructor(db: Database.Database, kept = KEPT_REVISIONS) {
    this.#db = db;
    this.#kept = kept;
    this.#insertRevision = db.prepare('INSERT INTO revisions (number, time, author) VALUES (?, ?, ?)');
    this.#insertChange = db.prepare('INSERT INTO changes (revision, position, id, before, after) VALUES (?, ?, ?, ?, ?)');
    this.#put = db.prepare('INSERT OR REPLACE INTO objects (key, wish, revision, created_at, updated_at, updated_by, origin) VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM objects WHERE key = ?');
    this.#prune = db.prepare('DELETE FROM revisions WHERE number <= ?');
    this.#page = db.prepare('SELECT number, time, author FROM revisions WHERE number < ? ORDER BY number DESC LIMIT ?');
    this.#changes = db.prepare('SELECT id, before, after FROM changes WHERE revision = ? ORDER BY position');
    const version = (wish: string, which: string): string =>
      `SELECT ${wish} AS wish, number, time, author FROM changes JOIN revisions ON number = revision WHERE id = ? AND revision ${which} LIMIT 1`;
    this.#latest = db.prepare(version('after', '<= ? ORDER BY revision DESC'));
    this.#next = db.prepare(version('before', '> ? ORDER BY revision'));
  }

  /** All objects, by key. */
  *objects(): Iterable<Stored> {
    const rows = this.#db.prepare<[], ObjectRow>('SELECT wish, revision, created_at, updated_at, updated_by, origin FROM objects ORDER BY key');
    for (const { wish, revision, created_at: createdAt, updated_at: updatedAt, updated_by: updatedBy, origin } of rows.iterate()) {
      yield { ...(JSON.parse(wish) as Wish), revision, createdAt, updatedAt, updatedBy, ...(origin === null ? {} : { origin }) };
    }
  }

  /** All writes in it, or none. */
  transaction(write: () => void): void {
    this.#db.transaction(write)();
  }

  /** The revision, and the objects that it changed as `now` has them. What grew too old goes. */
  write({ number, time, author, changes }: Revision, now: (key: string) => Stored | undefined): void {
    this.#db.transaction(() => {
      this.#insertRevision.run(number, time, author);
      changes.forEach(({ id, before, after }, position) => {
        const wish = after === null ? null : JSON.stringify(after);
        this.#insertChange.run(number, position, id, before === null ? null : JSON.stringify(before), wish);
        const object = now(id);
        if (object === undefined || wish === null) this.#delete.run(id);
        else this.#putObject(id, wish, object);
      });
      if (number > this.#kept) this.#prune.run(number - this.#kept);
    })();
  }

  /** Where objects were said, which is no change of what they say. */
  writeOrigins(objects: Iterable<readonly [key: string, object: Stored]>): void {
    this.#db.transaction(() => {
      for (const [key, object] of objects) this.#putObject(key, JSON.stringify(wishOf(object)), object);
    })();
  }

  #putObject(key: string, wish: string, { revision, createdAt, updatedAt, updatedBy, origin }: Stored): void {
    this.#put.run(key, wish, revision, createdAt, updatedAt, updatedBy, origin ?? null);
  }

  /** An object as it was as of a revision; undefined where it was not there, or nobody knows any more. */
  objectAt(key: string, revision: number): Stored | undefined {
    // Where what made it so is forgotten, the next change says what was before.
    const row = this.#latest.get(key, revision) ?? this.#next.get(key, revision);
    const found = wish(row?.wish ?? null);
    if (row === undefined || found === null) return undefined;
    return { ...found, revision: row.number, createdAt: row.time, updatedAt: row.time, updatedBy: row.author };
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

function wish(json: string | null): Wish | null {
  return json === null ? null : (JSON.parse(json) as Wish);
}
