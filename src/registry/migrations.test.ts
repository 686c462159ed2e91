import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { readHeader } from './header.ts';
import { APPLICATION_ID, MIGRATIONS, migrate } from './migrations.ts';
import { tempDir } from './testkit.ts';

const tables = (db: Database.Database): unknown => db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();

describe('migrate', () => {
  it('takes an empty file to the newest schema, marks it, and does nothing the second time', () => {
    const db = new Database(':memory:');
    migrate(db);
    expect(tables(db)).toEqual(['changes', 'deposits', 'moves', 'objects', 'overrides', 'pauses', 'quarantines', 'revisions']);
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    migrate(db);
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    db.close();
  });

  it('takes only the steps that lack, in order, and puts the version into the file itself', () => {
    using dir = tempDir();
    const path = join(dir.path, 'x.db');
    const db = new Database(path);
    db.pragma('locking_mode = EXCLUSIVE');
    migrate(db, ['CREATE TABLE one (a)']);
    db.pragma('journal_mode = WAL');
    db.exec('INSERT INTO one VALUES (1)');
    migrate(db, ['not run again', 'ALTER TABLE one ADD COLUMN b DEFAULT 2', 'CREATE TABLE three AS SELECT b FROM one']);
    db.pragma('journal_mode = WAL');
    expect(db.prepare('SELECT * FROM three').all()).toEqual([{ b: 2 }]);
    expect(readHeader(path)).toEqual({ applicationId: APPLICATION_ID, userVersion: 3 });
    db.close();
  });

  it('leaves no half of a step that fails, and keeps the steps before it', () => {
    const db = new Database(':memory:');
    expect(() => migrate(db, ['CREATE TABLE one (a)', 'CREATE TABLE two (a); CREATE TABLE one (a)'])).toThrow('already exists');
    expect(tables(db)).toEqual(['one']);
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    db.close();
  });
});
