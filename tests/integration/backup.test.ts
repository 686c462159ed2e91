import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectList } from '../../src/api/types.ts';
import { run } from '../../src/cli/harness.fixture.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { Authority } from '../support/certificates.ts';
import { cli } from '../support/cli.ts';

const service = (i: number) => ({ object: { kind: 'Service', name: `s${i}`, host: `s${i}.example.com`, endpoints: ['10.0.0.1:80'] } });

describe('backup and restore', () => {
  const folder = tempFolder();
  const data = join(folder.path, 'data');
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start({}, {}, folder.kept);
  });
  afterEach(async () => {
    await api.daemon.close();
    folder.remove();
  });
  const apply = (...numbers: number[]) => api.call('POST', '/api/v1/apply', { body: { objects: numbers.map(service) } });
  const state = async (of = api): Promise<ObjectList> => (await of.call('GET', '/api/v1/objects')).json<ObjectList>();
  const restore = (file: string, dir = data) => run(['restore', file, '--data-dir', dir], { cwd: folder.path });

  it('is the state of one moment, whatever is written meanwhile', async () => {
    await apply(...Array.from({ length: 3000 }, (_, i) => i));
    const backup = cli(api, ['backup', 'copy.db']);
    for (let i = 0; i < 20; i++) await apply(10_000 + i, 20_000 + i);
    expect(await backup).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('copy.db has the whole database') as unknown });
    expect(statSync(join(folder.path, 'copy.db')).mode & 0o777).toBe(0o600);
    expect(readdirSync(data).filter((name) => name.startsWith('.backup'))).toEqual([]);
    expect((await restore('copy.db', join(folder.path, 'other'))).stdout).toContain('start the daemon: envoyage serve');
    const other = await TestApi.start({ 'data-dir': join(folder.path, 'other') }, {}, folder.kept);
    const { objects, revision } = await state(other);
    // Both objects of a commit, or none, and the journal goes as far as the objects.
    expect(objects.length).toBe(3000 + 2 * (revision - 1));
    expect((await other.call('GET', '/api/v1/revisions?limit=1')).json()).toMatchObject({ revisions: [{ number: revision }] });
    await other.daemon.close();
  });

  it('is put in place of what is there, which is kept', async () => {
    await apply(1, 2);
    const before = await state();
    await cli(api, ['backup', 'copy.db']);
    await apply(3);
    const running = await restore('copy.db');
    expect([running.code, running.stderr]).toEqual([1, expect.stringMatching(/is in use by .*\nhint: stop the daemon first/) as unknown]);
    expect((await state()).objects).toHaveLength(3);
    await api.daemon.close();
    const done = await restore('copy.db');
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toMatch(/envoyage\.db is at revision 1 with 2 objects\nwhat was there is in \S+envoyage-before-20260101T120000\.db\n/);
    api = await TestApi.start({}, {}, folder.kept);
    expect(await state()).toEqual(before);
    await api.daemon.close();
    // What was there can be put back the same way.
    copyFileSync(join(data, 'envoyage-before-20260101T120000.db'), join(folder.path, 'before.db'));
    expect((await restore(join(folder.path, 'before.db'))).stderr).toContain('is there already');
    await run(['restore', join(folder.path, 'before.db'), '--data-dir', join(folder.path, 'third'), '--json'], { cwd: folder.path });
    const third = await TestApi.start({ 'data-dir': join(folder.path, 'third') }, {}, folder.kept);
    expect((await state(third)).objects).toHaveLength(3);
    await third.daemon.close();
  });

  it('replaces a database that is damaged', async () => {
    await apply(1);
    await cli(api, ['backup', 'copy.db']);
    await api.daemon.close();
    writeFileSync(join(data, 'envoyage.db'), 'nonsense'.repeat(1000));
    expect((await restore('copy.db')).code).toBe(0);
    api = await TestApi.start({}, {}, folder.kept);
    expect((await state()).objects).toHaveLength(1);
  });

  it.each([
    ['nothing.db', undefined, 'it does not exist'],
    ['empty.db', '', 'it is empty'],
    ['text.db', 'nonsense'.repeat(1000), 'it is not a database'],
  ])('refuses %s, and leaves all as it was', async (name, content, message) => {
    await apply(1);
    await api.daemon.close();
    const before = readFileSync(join(data, 'envoyage.db'));
    if (content !== undefined) writeFileSync(join(folder.path, name), content);
    const ran = await restore(name);
    expect([ran.code, ran.stderr]).toEqual([
      2,
      `error: ${join(folder.path, name)} cannot be restored: ${message}\nhint: name a file that envoyage backup made\n`,
    ]);
    expect(readFileSync(join(data, 'envoyage.db'))).toEqual(before);
    expect(readdirSync(data).filter((each) => each.startsWith('.restore'))).toEqual([]);
    api = await TestApi.start({}, {}, folder.kept);
  });

  it('refuses a copy that was damaged on the way', async () => {
    await apply(...Array.from({ length: 500 }, (_, i) => i));
    await cli(api, ['backup', 'copy.db']);
    const bytes = readFileSync(join(folder.path, 'copy.db'));
    writeFileSync(join(folder.path, 'short.db'), bytes.subarray(0, bytes.length / 2));
    expect((await restore('short.db', join(folder.path, 'fresh'))).stderr).toContain('short.db cannot be restored: ');
    expect(existsSync(join(folder.path, 'fresh/envoyage.db'))).toBe(false);
  });

  it('has keys of certificates sealed, and no secret key', async () => {
    const pair = new Authority('test').issue({ dns: ['web.example.com'] });
    await api.call('POST', '/api/v1/apply', { body: { objects: [{ object: { kind: 'Certificate', name: 'web', ...pair } }] } });
    await cli(api, ['backup', 'copy.db']);
    const bytes = readFileSync(join(folder.path, 'copy.db')).toString('latin1');
    expect(bytes).toContain('BEGIN CERTIFICATE');
    expect(bytes).not.toContain('PRIVATE KEY');
    const exported = await cli(api, ['export']);
    expect(exported.stdout).toMatch(/^# The keys of certificates are sealed with the secret\.key/);
    expect(exported.stdout).toMatch(/^key: sealed:v1:/m);
    expect((await cli(api, ['apply', '-f', '-', '--json'], { stdin: exported.stdout })).json()).toMatchObject({ changed: false });
    for (const text of [exported.stdout, (await cli(api, ['history', '1'])).stdout, (await cli(api, ['get', '-o', 'yaml'])).stdout])
      expect(text).not.toContain('PRIVATE KEY');
    expect(
      (await api.call('POST', '/api/v1/apply', { body: { objects: [{ object: { kind: 'Certificate', name: 'web', ...pair } }], dryRun: true } })).json(),
    ).toMatchObject({ changed: false });
  });
});
