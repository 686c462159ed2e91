import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { refusal } from '../../tests/support/refusal.ts';
import { openDatabase } from './open.ts';
import { openRegistry, SqliteRegistry } from './sqlite.ts';
import { create, put, startChild, tempDir } from './testkit.ts';

it('keeps every confirmed commit over kill -9, time and again', async () => {
  using dir = tempDir();
  const confirmed = new Set<string>();
  for (const wanted of [1, 40, 150, 400]) {
    const child = startChild(['write', dir.path]);
    for (let i = 0; i < wanted; i++) confirmed.add(await child.line());
    child.process.kill('SIGKILL');
    for (const id of (await child.rest()).lines) confirmed.add(id);
    const registry = openRegistry({ dataDir: dir.path });
    const there = new Set([...registry.list()].map(({ id }) => id));
    expect([...confirmed].filter((id) => !there.has(id))).toEqual([]);
    // One that was on disk but not confirmed yet is allowed, no more.
    expect(there.size - confirmed.size).toBeLessThanOrEqual(1);
    expect(registry.revision).toBe(there.size);
    for (const id of there) confirmed.add(id);
    registry.close();
    const db = new Database(join(dir.path, 'envoyage.db'), { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.close();
  }
}, 60_000);

it('lets one process have a data folder, tells the other why not, and lets it in after the first is gone, killed even', async () => {
  using dir = tempDir();
  const holder = startChild(['hold', dir.path]);
  expect(await holder.line()).toBe('open');
  const error = refusal(() => openRegistry({ dataDir: dir.path }));
  expect(error.code).toBe('store-unusable');
  expect(error.message).toMatch(/envoyage\.db is in use by another process( \(\d+\))?$/);
  expect(error.hint).toMatch(
    /^most likely another "envoyage serve" runs on this data folder: stop it( \(kill \d+\))?, or give this one a folder of its own with --data-dir DIR$/,
  );
  const pid = / \((\d+)\)$/.exec(error.message)?.[1];
  if (pid !== undefined) expect(Number(pid)).toBe(holder.process.pid);
  holder.process.kill('SIGKILL');
  await once(holder.process, 'close');
  openRegistry({ dataDir: dir.path }).close();
}, 60_000);

it('lets exactly one of several have it that start at once on a new data folder', async () => {
  using dir = tempDir();
  const children = [1, 2, 3].map(() => startChild(['raceHold', dir.path]));
  const answers = await Promise.all(children.map((child) => child.line()));
  expect(answers.filter((answer) => answer === 'open')).toHaveLength(1);
  expect(answers.filter((answer) => answer.includes('is in use by'))).toHaveLength(2);
  for (const child of children) child.process.stdin?.end();
  await Promise.all(children.map((child) => child.rest()));
}, 60_000);

it('refuses what does not fit, keeps what it has, and goes on when there is room', () => {
  using dir = tempDir();
  const database = openDatabase(dir.path);
  const registry = new SqliteRegistry(database);
  registry.commit([create('web')], 'ann');
  const heard: number[] = [];
  registry.onCommit(({ number }) => heard.push(number));
  const unlimited = database.db.pragma('max_page_count', { simple: true }) as number;
  database.db.pragma(`max_page_count = ${(database.db.pragma('page_count', { simple: true }) as number) + 2}`);

  const many = Array.from({ length: 1000 }, (_, i) => create(`s${i}.example.com`));
  const before = [...registry.list()];
  const error = refusal(() => registry.commit([put('web', 'b:1'), ...many], 'ann'));
  expect(error).toMatchObject({ code: 'store-failed', hint: `free some space in ${dir.path} and send the change again`, cause: { code: 'SQLITE_FULL' } });
  expect(error.message).toBe(`the change could not be written to ${join(dir.path, 'envoyage.db')}: the disk is full; nothing was changed`);
  expect([[...registry.list()], registry.revision, heard]).toEqual([before, 1, []]);
  // Nothing is left of it that a crash could bring to life.
  expect(statSync(join(dir.path, 'envoyage.db-wal')).size).toBe(0);

  database.db.pragma(`max_page_count = ${unlimited}`);
  expect(registry.commit(many, 'ann').revision).toBe(2);
  registry.close();
  const again = openRegistry({ dataDir: dir.path });
  expect([again.size, again.revision, again.get('web')?.endpoints]).toEqual([1001, 2, ['web-a:5678']]);
  again.close();
});

it.runIf(process.platform === 'linux')(
  'starts on a disk that is full after a crash, refuses changes, and goes on when there is room, until the next time',
  async () => {
    using dir = tempDir();
    const wrapper = process.getuid?.() === 0 ? ['unshare', '--mount'] : ['unshare', '--user', '--map-root-user', '--mount'];
    const { lines, code } = await startChild(['fill', dir.path], wrapper).rest();
    expect(code).toBe(0);
    const [cannotSetUp, started, full, stayed, fullAgain, grown, restarted] = lines.map((line) => JSON.parse(line));
    expect(started).toEqual({ size: 20, revision: 20, listed: 20 });
    expect(full).toMatchObject({ code: 'store-failed', message: expect.stringContaining('the disk is full; nothing was changed') });
    expect(cannotSetUp.code).toMatch(/^(data-dir|store)-unusable$/);
    expect(cannotSetUp.message).toMatch(/the disk is full|no space left on device/);
    expect(fullAgain).toEqual(full);
    for (const state of [stayed, grown]) expect(state).toEqual({ size: state.size, revision: state.size, listed: state.size });
    expect(grown.size).toBeGreaterThan(stayed.size);
    expect(restarted).toEqual(grown);
  },
  60_000,
);
