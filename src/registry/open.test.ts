import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../tests/support/refusal.ts';
import type { EnvoyageError } from '../lib/errors.ts';
import { APPLICATION_ID, MIGRATIONS } from './migrations.ts';
import { openDatabase } from './open.ts';
import { openRegistry } from './sqlite.ts';
import { create, startChild, tempDir } from './testkit.ts';

let temp: ReturnType<typeof tempDir>;
let dir: string;
let file: string;

beforeEach(() => {
  temp = tempDir();
  dir = join(temp.path, 'data');
  file = join(dir, 'envoyage.db');
});

afterEach(() => temp[Symbol.dispose]());

/** Every file below the folder, with its content. */
function contents(folder = temp.path): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'hex')]));
}

/** Opening fails, and leaves every byte as it was. */
function refused(dataDir = dir): EnvoyageError {
  const before = contents();
  const error = refusal(() => openRegistry({ dataDir }).close());
  expect(contents()).toEqual(before);
  return error;
}

/** A registry with something in it; closed well, or as a crash leaves it: what was written last is in the log alone. */
function filled(how: 'closed' | 'crashed'): void {
  const registry = openRegistry({ dataDir: dir });
  registry.commit(
    Array.from({ length: 200 }, (_, i) => create(`s${i}.example.com`)),
    'ann',
  );
  if (how === 'closed') {
    registry.close();
    return;
  }
  const copy = join(temp.path, 'copy');
  mkdirSync(copy);
  for (const name of readdirSync(dir)) copyFileSync(join(dir, name), join(copy, name));
  registry.close();
  for (const name of readdirSync(copy)) copyFileSync(join(copy, name), join(dir, name));
  rmSync(copy, { recursive: true });
}

function sqlite(action: (db: Database.Database) => void): void {
  mkdirSync(dir, { recursive: true });
  const db = new Database(file);
  action(db);
  db.close();
}

describe('openDatabase', () => {
  it('sets what durability and safety rest on', () => {
    const { db, close } = openDatabase(dir);
    const settings = ['journal_mode', 'locking_mode', 'synchronous', 'foreign_keys', 'trusted_schema', 'application_id', 'user_version'];
    expect(settings.map((name) => db.pragma(name, { simple: true }))).toEqual(['wal', 'exclusive', 2, 1, 0, APPLICATION_ID, MIGRATIONS.length]);
    close();
  });

  it('makes folders on the way, and takes a folder and an empty file that are there as they are', () => {
    openDatabase(join(temp.path, 'a', 'b', 'c')).close();
    expect(statSync(join(temp.path, 'a', 'b')).mode & 0o777).toBe(0o700);
    mkdirSync(dir, { mode: 0o755 });
    writeFileSync(file, '');
    openDatabase(dir).close();
    expect(statSync(dir).mode & 0o777).toBe(0o755);
  });

  it('reads the log that a crash left, and leaves no index of it behind', () => {
    filled('crashed');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    const registry = openRegistry({ dataDir: dir });
    expect(registry.size).toBe(200);
    expect(existsSync(`${file}-shm`)).toBe(false);
    registry.close();
    expect(readdirSync(dir)).toEqual(['envoyage.db']);
  });

  it('undoes the first write of all where a crash cut it short', () => {
    const unfinished = join(temp.path, 'unfinished.db');
    const db = new Database(unfinished);
    db.pragma('cache_size = 5');
    db.exec('BEGIN; CREATE TABLE one (a)');
    const insert = db.prepare('INSERT INTO one VALUES (randomblob(3000))');
    for (let i = 0; i < 20; i++) insert.run();
    mkdirSync(dir);
    for (const more of ['', '-journal']) copyFileSync(unfinished + more, file + more);
    db.exec('ROLLBACK');
    db.close();
    expect(readFileSync(file).subarray(0, 16)).toEqual(Buffer.alloc(16));
    openRegistry({ dataDir: dir }).close();
    expect(readdirSync(dir)).toEqual(['envoyage.db']);
  });
});

describe('openRegistry refuses, and changes nothing on disk:', () => {
  it('a data folder that is a file, or below one', () => {
    writeFileSync(dir, 'mine');
    expect(refused()).toMatchObject({
      code: 'data-dir-unusable',
      message: `the data folder ${dir} is not a folder`,
      hint: expect.stringContaining('--data-dir'),
    });
    expect(refused(join(dir, 'deeper'))).toMatchObject({
      code: 'data-dir-unusable',
      message: expect.stringMatching(/cannot be created: not a directory \(ENOTDIR\)$/),
    });
  });

  it('a database that is a folder', () => {
    mkdirSync(file, { recursive: true });
    expect(refused()).toMatchObject({ code: 'store-unusable', message: `the database ${file} is not a file` });
  });

  it('a file that is no database, a long one and a short one', () => {
    mkdirSync(dir);
    for (const content of ['my notes\n'.repeat(1000), 'x']) {
      writeFileSync(file, content);
      const error = refused();
      expect(error).toMatchObject({ code: 'store-unusable', message: expect.stringContaining(`${file} is not a database`) });
      expect(error.hint).toBe(
        `Move it aside: mkdir ${dir}/damaged && mv ${file}* ${dir}/damaged — then put a backup in its place, or start without one, with no services`,
      );
    }
  });

  it('a database of something else, with a mark of its own or none, in the WAL or not', () => {
    sqlite((db) => db.exec('CREATE TABLE theirs (a)'));
    expect(refused()).toMatchObject({
      code: 'store-unusable',
      message: expect.stringContaining('is a database of another program (application id 0x00000000)'),
    });
    sqlite((db) => {
      db.pragma('application_id = 252006674');
      db.pragma('journal_mode = WAL');
    });
    expect(refused().message).toContain('(application id 0x0f055112)');
  });

  it('a database of a newer Envoyage, also as a crash left it', () => {
    filled('crashed');
    const wal = readFileSync(`${file}-wal`);
    rmSync(`${file}-wal`);
    sqlite((db) => db.pragma('user_version = 99'));
    expect(refused().message).toContain(`was written by a newer Envoyage (its schema is at 99, this one knows up to ${MIGRATIONS.length})`);
    writeFileSync(`${file}-wal`, wal);
    expect(refused().code).toBe('store-unusable');
  });

  it('a file cut short', () => {
    filled('closed');
    truncateSync(file, Math.floor(statSync(file).size / 2));
    expect(refused()).toMatchObject({ code: 'store-unusable', message: expect.stringContaining(`${file} is damaged: `), hint: expect.stringContaining('mv ') });
  });

  it('damage in the middle, a clean log or one that a crash left beside it', () => {
    for (const how of ['closed', 'crashed'] as const) {
      rmSync(dir, { recursive: true, force: true });
      if (how === 'crashed') filled('closed');
      const more = openRegistry({ dataDir: dir });
      more.commit([create(`more-${how}.example.com`)], 'ann');
      more.commit(
        Array.from({ length: 200 }, (_, i) => create(`t${i}.example.com`)),
        'ann',
      );
      const log = how === 'crashed' ? readFileSync(`${file}-wal`).subarray(0, 32 + 3 * (24 + 4096)) : undefined;
      more.close();
      const bytes = readFileSync(file);
      bytes.fill(0xa5, 3 * 4096, 8 * 4096);
      writeFileSync(file, bytes);
      if (log !== undefined) writeFileSync(`${file}-wal`, log);
      const error = refused();
      expect(error).toMatchObject({ code: 'store-unusable', message: expect.stringContaining(`${file} is damaged: `) });
      expect(existsSync(`${file}-wal`)).toBe(how === 'crashed');
    }
  });

  it('rows that are not what they should be', () => {
    filled('closed');
    sqlite((db) => db.exec("UPDATE objects SET wish = '{' WHERE key = 's7.example.com'"));
    expect(refused().message).toContain('is damaged: a row is not JSON');
    sqlite((db) => db.exec('DROP TABLE objects'));
    expect(refused().message).toContain('cannot be used: no such table: objects (SQLITE_ERROR)');
  });

  it('a log whose database is gone or empty, for SQLite would delete it', () => {
    filled('crashed');
    rmSync(file);
    expect(refused()).toMatchObject({ code: 'store-unusable', message: expect.stringContaining('its write-ahead log') });
    writeFileSync(file, '');
    expect(refused().message).toContain('is missing or empty');
  });

  it('a database that this very process has open, and leaves that one its lock', async () => {
    const registry = openRegistry({ dataDir: dir });
    expect(refusal(() => openRegistry({ dataDir: dir })).message).toBe(`the database ${file} is in use by this very process`);
    const { lines } = await startChild(['open', dir]).rest();
    expect(JSON.parse(lines[0] ?? '').message).toContain('is in use by another process');
    registry.close();
    openRegistry({ dataDir: dir }).close();
  });
});

describe('as a user without the right to write', () => {
  const nobody = 65534;
  const asRoot = process.getuid?.() === 0;
  const give = (path: string): void => (asRoot ? chownSync(path, nobody, nobody) : undefined);
  const openAsNobody = async (dataDir: string): Promise<{ code: string; message: string; hint: string }> => {
    const before = contents();
    const { lines } = await startChild(['openAsNobody', dataDir]).rest();
    expect(contents()).toEqual(before);
    return JSON.parse(lines[0] ?? '');
  };

  beforeEach(() => chmodSync(temp.path, 0o755));
  afterEach(() => {
    for (const path of [temp.path, dir]) if (existsSync(path)) chmodSync(path, 0o700);
  });

  it('says that the folder cannot be made', async () => {
    chmodSync(temp.path, 0o555);
    const error = await openAsNobody(dir);
    expect(error).toMatchObject({ code: 'data-dir-unusable', message: `the data folder ${dir} cannot be created: permission denied (EACCES)` });
    expect(error.hint).toMatch(/install -d -m 0700 -o \d+ .*data — or choose another with --data-dir DIR/);
  });

  it('says that the folder cannot be written, or reached', async () => {
    openRegistry({ dataDir: dir }).close();
    chmodSync(dir, 0o555);
    expect(await openAsNobody(dir)).toMatchObject({
      code: 'data-dir-unusable',
      message: `the data folder ${dir} cannot be written: permission denied (EACCES)`,
    });
    chmodSync(dir, 0o000);
    expect(await openAsNobody(dir)).toMatchObject({ code: 'data-dir-unusable' });
    expect(await openAsNobody(join(dir, 'deeper'))).toMatchObject({ code: 'data-dir-unusable', message: expect.stringContaining('(EACCES)') });
    chmodSync(dir, 0o700);
  });

  it('says that the file is read-only', async () => {
    openRegistry({ dataDir: dir }).close();
    give(dir);
    chmodSync(file, 0o444);
    const error = await openAsNobody(dir);
    expect(error).toMatchObject({ code: 'store-unusable', message: `the database ${file} cannot be written: permission denied (EACCES)` });
    expect(error.hint).toMatch(/chown \d+ .*envoyage\.db && chmod 0600 .*envoyage\.db/);
  });

  it('opens what is its own', async () => {
    openRegistry({ dataDir: dir }).close();
    for (const path of [dir, file]) give(path);
    const { lines } = await startChild(['openAsNobody', dir]).rest();
    expect(lines).toEqual(['"open"']);
  });
});

it('goes on after a log with a torn end: what was never confirmed is not there', () => {
  filled('crashed');
  appendFileSync(`${file}-wal`, Buffer.alloc(5000, 0x5a));
  const registry = openRegistry({ dataDir: dir });
  expect(registry.size).toBe(200);
  registry.close();
});
