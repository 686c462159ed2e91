import { readdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../tests/support/refusal.ts';
import type { Revision } from '../model/revision.ts';
import { Journal } from './journal.ts';
import { openDatabase } from './open.ts';
import type { Registry } from './registry.ts';
import { openRegistry, type RegistryOptions, SqliteRegistry } from './sqlite.ts';
import { create, put, service, tempDir } from './testkit.ts';

let dir: ReturnType<typeof tempDir>;
let registry: Registry;
let clock: Date;
const open = (more: Partial<RegistryOptions> = {}): Registry => openRegistry({ dataDir: join(dir.path, 'data'), now: () => clock, ...more });
const ids = (): string[] => [...registry.list()].map(({ id }) => id);

beforeEach(() => {
  dir = tempDir();
  clock = new Date('2026-01-02T03:04:05.678Z');
  registry = open();
});

afterEach(() => {
  registry.close();
  dir[Symbol.dispose]();
});

describe('commit', () => {
  it('makes a revision, and says what came of it', () => {
    const committed = registry.commit([create('web'), create('api')], 'ann@cli');
    const added = { revision: 1, createdAt: '2026-01-02T03:04:05.678Z', updatedAt: '2026-01-02T03:04:05.678Z', updatedBy: 'ann@cli' };
    const services = [
      { ...service('web'), ...added },
      { ...service('api'), ...added },
    ];
    expect(committed).toMatchObject({ revision: 1, changed: true, objects: services, services });
    expect(registry.get('web')).toBe(committed.services[0]);
    expect([registry.revision, registry.size, ids()]).toEqual([1, 2, ['api', 'web']]);
  });

  it('makes no revision where everything already is as wished', () => {
    registry.commit([create('web')], 'ann');
    expect(registry.commit([put('web')], 'bob')).toMatchObject({
      revision: 1,
      changed: false,
      objects: [registry.get('web')],
      services: [registry.get('web')],
    });
    expect(registry.commit([], 'bob')).toMatchObject({ revision: 1, changed: false, objects: [], services: [] });
    expect(registry.get('web')?.updatedBy).toBe('ann');
    expect(registry.revisions({ limit: 10 })).toHaveLength(1);
  });

  it('takes all edits or none', () => {
    registry.commit([create('web')], 'ann');
    expect(refusal(() => registry.commit([create('new'), { op: 'delete', id: 'web' }, create('new')], 'bob')).code).toBe('service-exists');
    expect([registry.revision, ids()]).toEqual([1, ['web']]);
    registry.close();
    registry = open();
    expect([registry.revision, ids()]).toEqual([1, ['web']]);
  });

  it('never goes back in time, over a restart neither', () => {
    registry.commit([create('a')], 'ann');
    clock = new Date('2020-01-01T00:00:00Z');
    expect(registry.commit([create('b')], 'ann').services[0]?.createdAt).toBe('2026-01-02T03:04:05.678Z');
    registry.close();
    registry = open();
    expect(registry.commit([create('c')], 'ann').services[0]?.createdAt).toBe('2026-01-02T03:04:05.678Z');
  });

  it('refuses a commit from within the change of another', () => {
    registry.commit([create('a')], 'ann');
    const change = (): never => registry.commit([create('b')], 'ann') as never;
    expect(refusal(() => registry.commit([{ op: 'update', id: 'a', change }], 'ann')).code).toBe('internal');
    expect(registry.commit([create('b')], 'ann').revision).toBe(2);
  });

  it('takes ten thousand services at once', () => {
    const edits = Array.from({ length: 10_000 }, (_, i) => create(`s${i}.example.com`));
    expect(registry.commit(edits, 'ann').services).toHaveLength(10_000);
    registry.close();
    registry = open();
    expect(registry.size).toBe(10_000);
    expect(registry.revisionAt(1)?.changes).toHaveLength(10_000);
  });

  it('refuses to write to a file that is not at its place any more, and goes on once it is back', () => {
    const file = join(dir.path, 'data', 'envoyage.db');
    renameSync(file, `${file}.away`);
    expect(refusal(() => registry.commit([create('a')], 'ann'))).toMatchObject({
      code: 'store-failed',
      message: expect.stringContaining('was moved, replaced or deleted'),
    });
    expect(registry.size).toBe(0);
    renameSync(`${file}.away`, file);
    expect(registry.commit([create('a')], 'ann').revision).toBe(1);
  });
});

describe('a reopened registry', () => {
  it('says what it said before', () => {
    registry.commit([create('web', 'a:1', { groups: ['edge', 'lab'] }), create('api')], 'ann');
    registry.commit([put('api', 'b:1'), { op: 'delete', id: 'web' }, create('x', 'x:1', { host: 'web' })], 'bob');
    const before = { services: [...registry.list()], revision: registry.revision, revisions: registry.revisions({ limit: 10 }) };
    registry.close();
    registry = open();
    expect({ services: [...registry.list()], revision: registry.revision, revisions: registry.revisions({ limit: 10 }) }).toEqual(before);
    expect(refusal(() => registry.commit([create('web')], 'ann')).code).toBe('host-taken');
  });
});

describe('revisions', () => {
  beforeEach(() => {
    registry.commit([create('web', 'a:1', { groups: ['edge'] })], 'ann');
    registry.commit([put('web', 'b:1')], 'bob');
    registry.commit([{ op: 'delete', id: 'web' }], 'cid');
  });

  it('tell what each did, newest first', () => {
    const time = '2026-01-02T03:04:05.678Z';
    const [one, two] = [service('web', 'a:1', { groups: ['edge'] }), service('web', 'b:1')];
    expect(registry.revisions({ limit: 10 })).toEqual([
      { number: 3, time, author: 'cid', changes: [{ id: 'web', before: two, after: null }] },
      { number: 2, time, author: 'bob', changes: [{ id: 'web', before: one, after: two }] },
      { number: 1, time, author: 'ann', changes: [{ id: 'web', before: null, after: one }] },
    ]);
  });

  it('come in pages', () => {
    const numbers = (limit: number, before?: number): number[] => registry.revisions({ limit, before }).map(({ number }) => number);
    expect([numbers(2), numbers(2, 2), numbers(2, 1), numbers(0), numbers(-1), numbers(Infinity)]).toEqual([[3, 2], [1], [], [], [], [3, 2, 1]]);
  });

  it('come by number', () => {
    expect(registry.revisionAt(2)?.author).toBe('bob');
    expect([registry.revisionAt(0), registry.revisionAt(4), registry.revisionAt(1.5)]).toEqual([undefined, undefined, undefined]);
  });

  it('go when they are too old, with their changes', () => {
    registry.close();
    const database = openDatabase(join(dir.path, 'data'));
    registry = new SqliteRegistry(database, {}, undefined, new Journal(database.db, 3));
    for (let i = 0; i < 4; i++) registry.commit([put('web', `c${i}:1`)], 'ann');
    expect(registry.revisions({ limit: 10 }).map(({ number }) => number)).toEqual([7, 6, 5]);
    expect(database.db.prepare('SELECT DISTINCT revision FROM changes ORDER BY 1').pluck().all()).toEqual([5, 6, 7]);
    expect(registry.get('web')?.revision).toBe(7);
  });
});

describe('onCommit', () => {
  it('tells of each change after it is on disk and in memory, and of nothing else', () => {
    const heard: [Revision, number][] = [];
    const stop = registry.onCommit((revision) => heard.push([revision, registry.size]));
    registry.commit([create('a')], 'ann');
    registry.commit([put('a')], 'ann');
    refusal(() => registry.commit([create('a')], 'ann'));
    stop();
    registry.commit([create('b')], 'ann');
    expect(heard).toEqual([[registry.revisionAt(1), 1]]);
  });

  it('does not let a listener break the commit', () => {
    registry.close();
    const errors: unknown[] = [];
    registry = open({ onListenerError: (thrown) => errors.push(thrown) });
    registry.onCommit(() => {
      throw new Error('no');
    });
    expect(registry.commit([create('a')], 'ann').changed).toBe(true);
    expect(errors).toEqual([new Error('no')]);
  });
});

describe('close', () => {
  it('leaves one file, for its owner alone, in a folder for its owner alone', () => {
    registry.commit([create('a')], 'ann');
    registry.close();
    registry.close();
    const data = join(dir.path, 'data');
    expect(readdirSync(data)).toEqual(['envoyage.db']);
    expect([statSync(data).mode & 0o777, statSync(join(data, 'envoyage.db')).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('ends every use', () => {
    registry.close();
    const uses = [() => registry.commit([], 'ann'), () => registry.get('a'), () => registry.list(), () => registry.size, () => registry.revision];
    const more = [() => registry.revisions({ limit: 1 }), () => registry.revisionAt(1), () => registry.onCommit(() => {})];
    for (const use of [...uses, ...more]) expect(refusal(use).message).toBe('the registry is closed: Envoyage is shutting down');
  });
});

it('takes an addon that is loaded already', () => {
  registry.close();
  const require = createRequire(import.meta.url);
  const binding = require(join(dirname(require.resolve('better-sqlite3/package.json')), 'lib', 'binding.js')) as { getBinding(): object };
  registry = open({ nativeBinding: binding.getBinding() });
  expect(registry.commit([create('a')], 'ann').revision).toBe(1);
});
