import type Database from 'better-sqlite3';

/** Marks the file as ours (`PRAGMA application_id`): "Envy". */
export const APPLICATION_ID = 0x456e7679;

/**
 * The schema, step by step: `PRAGMA user_version` says how many have been taken. Append only; what has shipped never changes.
 *
 * A service is kept as the JSON of the wish itself, so that a new word in the vocabulary needs no new column. A change keeps
 * the wish before and after, so that a rollback needs nothing but this table.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE revisions (
     number INTEGER PRIMARY KEY,
     time TEXT NOT NULL,
     author TEXT NOT NULL
   ) STRICT;

   CREATE TABLE changes (
     revision INTEGER NOT NULL REFERENCES revisions (number) ON DELETE CASCADE,
     position INTEGER NOT NULL,
     id TEXT NOT NULL,
     before TEXT,
     after TEXT,
     PRIMARY KEY (revision, position)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE services (
     id TEXT NOT NULL PRIMARY KEY,
     wish TEXT NOT NULL,
     revision INTEGER NOT NULL,
     created_at TEXT NOT NULL,
     updated_at TEXT NOT NULL,
     updated_by TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE moves (
     node TEXT NOT NULL PRIMARY KEY,
     "group" TEXT NOT NULL,
     at TEXT NOT NULL,
     by TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // Objects of every kind, by key: the id of a service, `Kind/name` of anything else.
  `ALTER TABLE services RENAME TO objects;
   ALTER TABLE objects RENAME COLUMN id TO key;
   ALTER TABLE objects ADD COLUMN origin TEXT;`,
  // Objects that Envoys refused. Versions are named by the revisions that made them, whose changes are in history.
  `CREATE TABLE quarantines (
     view TEXT NOT NULL,
     key TEXT NOT NULL,
     "group" TEXT NOT NULL,
     type TEXT NOT NULL,
     message TEXT NOT NULL,
     node TEXT NOT NULL,
     revision INTEGER NOT NULL,
     good INTEGER,
     since TEXT NOT NULL,
     PRIMARY KEY (view, key)
   ) STRICT, WITHOUT ROWID;

   CREATE INDEX changes_by_id ON changes (id, revision);`,
  // What providers declare stands beside what people own, and what they said last outlives the daemon.
  `ALTER TABLE objects ADD COLUMN provider TEXT;
   ALTER TABLE revisions ADD COLUMN provider TEXT;

   CREATE TABLE deposits (
     kind TEXT NOT NULL,
     name TEXT NOT NULL,
     body TEXT NOT NULL,
     ttl INTEGER,
     by TEXT NOT NULL,
     at TEXT NOT NULL,
     PRIMARY KEY (kind, name)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE overrides (
     service TEXT NOT NULL,
     endpoint TEXT NOT NULL,
     weight INTEGER,
     state TEXT,
     by TEXT NOT NULL,
     reason TEXT,
     at TEXT NOT NULL,
     until TEXT,
     PRIMARY KEY (service, endpoint)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE pauses (
     provider TEXT NOT NULL PRIMARY KEY,
     by TEXT NOT NULL,
     at TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
];

/**
 * Takes the steps that the file lacks, each in one transaction. The first one marks the file as ours as well, so that no file
 * with content is ever without the mark.
 *
 * Steps are taken outside the WAL: so the header of the file itself always tells the true version, and a file that is refused
 * for it can be judged without opening it (header.ts). Leaves the journal mode for the caller to set.
 */
export function migrate(db: Database.Database, steps: readonly string[] = MIGRATIONS): void {
  const version = (): number => db.pragma('user_version', { simple: true }) as number;
  if (version() >= steps.length) return;
  db.pragma('journal_mode = DELETE');
  while (version() < steps.length) {
    db.transaction(() => {
      const at = version();
      const step = steps[at];
      if (step === undefined) return;
      if (at === 0) db.pragma(`application_id = ${APPLICATION_ID}`);
      db.exec(step);
      db.pragma(`user_version = ${at + 1}`);
    }).exclusive();
  }
}
