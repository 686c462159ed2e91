import { renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../tests/support/refusal.ts';
import { MIGRATIONS, migrate } from './migrations.ts';
import type { Registry } from './registry.ts';
import { openRegistry } from './sqlite.ts';
import { create, tempDir } from './testkit.ts';

let dir: ReturnType<typeof tempDir>;
let registry: Registry;
let clock: Date;
const open = (): Registry => openRegistry({ dataDir: dir.path, now: () => clock });

beforeEach(() => {
  dir = tempDir();
  clock = new Date('2026-01-02T03:04:05.678Z');
  registry = open();
});

afterEach(() => {
  registry.close();
  dir[Symbol.dispose]();
});

const move = { node: 'edge-1', group: 'lab', at: '2026-01-02T03:04:05.678Z', by: 'ann@laptop' };

describe('moves', () => {
  it('are kept, by node, and outlive the process', () => {
    registry.moves.put('edge-2', 'lab', 'bob@laptop');
    expect(registry.moves.put('edge-1', 'lab', 'ann@laptop')).toEqual(move);
    registry.close();
    registry = open();
    expect(registry.moves.get('edge-1')).toEqual(move);
    expect(registry.moves.list().map(({ node }) => node)).toEqual(['edge-1', 'edge-2']);
    expect(registry.revision).toBe(0);
  });

  it('into the same group once more say who was first; into another one, who was last', () => {
    registry.moves.put('edge-1', 'lab', 'ann@laptop');
    clock = new Date('2026-01-03T00:00:00.000Z');
    expect(registry.moves.put('edge-1', 'lab', 'bob@laptop')).toEqual(move);
    const again = { node: 'edge-1', group: 'edge', at: '2026-01-03T00:00:00.000Z', by: 'bob@laptop' };
    expect(registry.moves.put('edge-1', 'edge', 'bob@laptop')).toEqual(again);
    registry.close();
    registry = open();
    expect(registry.moves.list()).toEqual([again]);
  });

  it('can be undone, for good', () => {
    registry.moves.put('edge-1', 'lab', 'ann@laptop');
    registry.moves.delete('edge-1');
    registry.moves.delete('edge-1');
    expect(registry.moves.get('edge-1')).toBeUndefined();
    registry.close();
    registry = open();
    expect(registry.moves.list()).toEqual([]);
  });

  it('are refused where they would be lost, and then are not in force', () => {
    const file = join(dir.path, 'envoyage.db');
    registry.moves.put('edge-1', 'lab', 'ann@laptop');
    renameSync(file, `${file}.away`);
    expect(refusal(() => registry.moves.put('edge-1', 'edge', 'ann@laptop')).code).toBe('store-failed');
    expect(refusal(() => registry.moves.delete('edge-1')).code).toBe('store-failed');
    expect(registry.moves.get('edge-1')).toEqual(move);
    renameSync(`${file}.away`, file);
  });

  it('have a place in a database of before there were any', () => {
    registry.close();
    using old = tempDir();
    const db = new Database(join(old.path, 'envoyage.db'));
    migrate(db, MIGRATIONS.slice(0, 1));
    db.exec(`INSERT INTO services VALUES ('web', '{"id":"web","host":"web","endpoints":["a:1"]}', 1, 'then', 'then', 'ann')`);
    db.close();
    const upgraded = openRegistry({ dataDir: old.path });
    try {
      expect(upgraded.get('web')?.endpoints).toEqual(['a:1']);
      expect(upgraded.moves.put('n', 'lab', 'ann').group).toBe('lab');
      upgraded.commit([create('api')], 'ann');
    } finally {
      upgraded.close();
    }
  });
});
