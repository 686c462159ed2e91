import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { parseHeader, readHeader } from './header.ts';
import { tempDir } from './testkit.ts';

describe('readHeader', () => {
  it('reads what SQLite wrote, negative ids as SQLite says them', () => {
    using dir = tempDir();
    const path = join(dir.path, 'x.db');
    const db = new Database(path);
    db.pragma('application_id = -559038737');
    db.pragma('user_version = 7');
    db.close();
    expect(readHeader(path)).toEqual({ applicationId: -559038737, userVersion: 7 });
  });

  it('knows what is no database', () => {
    using dir = tempDir();
    const path = join(dir.path, 'x.db');
    writeFileSync(path, 'SQLite format 3\0 and no more');
    expect(readHeader(path)).toBeUndefined();
    expect(parseHeader(Buffer.alloc(100, 'x'))).toBeUndefined();
  });
});
