import type Database from 'better-sqlite3';
import type { Stored, Wish } from '../model/kinds.ts';
import type { Change, Revision } from '../model/revision.ts';
import { wishOf } from '../model/wish-of.ts';
import { said } from '../model/words.ts';

/**
 * A few weeks of a busy fleet; a rollback reaches back this far. Of what providers declare as many are kept beside them: whatever
 * comes and goes there takes nothing away from what people did.
 */
export const KEPT_REVISIONS = 10_000;

interface ObjectRow {
  wish: string;
  revision: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
  origin: string | null;
  provider: string | null;
}

interface ChangeRow {
  id: string;
  before: string | null;
  after: string | null;
}

interface VersionRow extends RevisionRow {
  readonly wish: string | null;
}

type RevisionRow = Omit<Revision, 'changes' | 'provider'> & { readonly provider: string | null };

/** The tables: the objects as they are, and the revisions that led there. The only place that speaks SQL after open. */
export class Journal {
  readonly #db: Database.Database;
  readonly #kept: number;
  /** The numbers of those in the journal, the oldest first: of people, and of providers. */
  readonly #people: number[] = [];
  readonly #providers: number[] = [];
  readonly #insertRevision: Database.Statement<[number, string, string, string | null]>;
  readonly #insertChange: Database.Statement<[number, number, string, string | null, string | null]>;
  readonly #put: Database.Statement<[string, string, number, string, string, string, string | null, string | null]>;
  readonly #delete: Database.Statement<[string]>;
  readonly #prune: Database.Statement<[number]>;
  readonly #page: Database.Statement<[number, number], RevisionRow>;
  readonly #changes: Database.Statement<[number], ChangeRow>;
  readonly #latest: Database.Statement<[string, number], VersionRow>;
  readonly #next: Database.Statement<[string, number], VersionRow>;

  constructor(db: Database.Database, kept = KEPT_REVISIONS) {
    this.#db = db;
    this.#kept = kept;
    this.#insertRevision = db.prepare('INSERT INTO revisions (number, time, author, provider) VALUES (?, ?, ?, ?)');
    this.#insertChange = db.prepare('INSERT INTO changes (revision, position, id, before, after) VALUES (?, ?, ?, ?, ?)');
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO objects (key, wish, revision, created_at, updated_at, updated_by, origin, provider) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#delete = db.prepare('DELETE FROM objects WHERE key = ?');
    this.#prune = db.prepare('DELETE FROM revisions WHERE number = ?');
    this.#page = db.prepare('SELECT number, time, author, provider FROM revisions WHERE number < ? ORDER BY number DESC LIMIT ?');
    this.#changes = db.prepare('SELECT id, before, after FROM changes WHERE revision = ? ORDER BY position');
    const version = (wish: string, which: string): string =>
      `SELECT ${wish} AS wish, number, time, author, provider FROM changes JOIN revisions ON number = revision WHERE id = ? AND revision ${which} LIMIT 1`;
    this.#latest = db.prepare(version('after', '<= ? ORDER BY revision DESC'));
    this.#next = db.prepare(version('before', '> ? ORDER BY revision'));
    const numbers = db.prepare<[], { number: number; provider: string | null }>('SELECT number, provider FROM revisions ORDER BY number');
    for (const { number, provider } of numbers.iterate()) this.#numbersOf(provider ?? undefined).push(number);
  }

  /** The lowest revision whose objects of people are known in full. */
  get reach(): number {
    const [oldest] = this.#people;
    return oldest === undefined || this.#people.length < this.#kept ? 0 : oldest - 1;
  }

  #numbersOf(provider: string | undefined): number[] {
    return provider === undefined ? this.#people : this.#providers;
  }

  /** All objects, by key. */
  *objects(): Iterable<Stored> {
    const rows = this.#db.prepare<[], ObjectRow>('SELECT wish, revision, created_at, updated_at, updated_by, origin, provider FROM objects ORDER BY key');
    for (const { wish, revision, created_at: createdAt, updated_at: updatedAt, updated_by: updatedBy, origin, provider } of rows.iterate()) {
      const where = said({ origin: origin ?? undefined, provider: provider ?? undefined });
      yield { ...(JSON.parse(wish) as Wish), revision, createdAt, updatedAt, updatedBy, ...where };
    }
  }

  /** All writes in it, or none. */
  transaction(write: () => void): void {
    this.#db.transaction(write)();
  }

  /** The revision, and the objects that it changed as `now` has them. What grew too old goes. Once it is committed, `wrote`. */
  write({ number, time, author, provider, changes }: Revision, now: (key: string) => Stored | undefined): void {
    const numbers = this.#numbersOf(provider);
    this.#db.transaction(() => {
      this.#insertRevision.run(number, time, author, provider ?? null);
      changes.forEach(({ id, before, after }, position) => {
        const wish = after === null ? null : JSON.stringify(after);
        this.#insertChange.run(number, position, id, before === null ? null : JSON.stringify(before), wish);
        const object = now(id);
        if (object === undefined || wish === null) this.#delete.run(id);
        else this.#putObject(id, wish, object);
      });
      const [oldest] = numbers;
      if (numbers.length >= this.#kept && oldest !== undefined) this.#prune.run(oldest);
    })();
  }

  /** That a revision is on disk; what went for it is forgotten. */
  wrote({ number, provider }: Pick<Revision, 'number' | 'provider'>): void {
    const numbers = this.#numbersOf(provider);
    numbers.push(number);
    if (numbers.length > this.#kept) numbers.shift();
  }

  /** Where objects were said, which is no change of what they say. */
  writeOrigins(objects: Iterable<readonly [key: string, object: Stored]>): void {
    this.#db.transaction(() => {
      for (const [key, object] of objects) this.#putObject(key, JSON.stringify(wishOf(object)), object);
    })();
  }

  #putObject(key: string, wish: string, { revision, createdAt, updatedAt, updatedBy, origin, provider }: Stored): void {
    this.#put.run(key, wish, revision, createdAt, updatedAt, updatedBy, origin ?? null, provider ?? null);
  }

  /** An object as it was as of a revision; undefined where it was not there, or nobody knows any more. */
  objectAt(key: string, revision: number): Stored | undefined {
    // Where what made it so is forgotten, the next change says what was before.
    const row = this.#latest.get(key, revision) ?? this.#next.get(key, revision);
    const found = wish(row?.wish ?? null);
    if (row === undefined || found === null) return undefined;
    const { number, time, author, provider } = row;
    return { ...found, revision: number, createdAt: time, updatedAt: time, updatedBy: author, ...(provider === null ? {} : { provider }) };
  }

  /** The newest revision, without its changes; undefined before the first. */
  newest(): Pick<Revision, 'number' | 'time'> | undefined {
    return this.#page.get(Number.MAX_SAFE_INTEGER, 1);
  }

  /** Newest first, those below `before`, at most `limit`. */
  revisions(limit: number, before: number): Revision[] {
    return this.#page
      .all(before, limit)
      .map(({ provider, ...row }) => ({ ...row, ...(provider === null ? {} : { provider }), changes: this.#changesOf(row.number) }));
  }

  #changesOf(number: number): Change[] {
    return this.#changes.all(number).map(({ id, before, after }) => ({ id, before: wish(before), after: wish(after) }));
  }
}

function wish(json: string | null): Wish | null {
  return json === null ? null : (JSON.parse(json) as Wish);
}
