import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../tests/support/wait.ts';
import { EnvoyValidator } from './validate.ts';

/** With a program in Envoy's place that says what it was given, and does as it is told. */
describe('asking Envoy', () => {
  let folder: string;
  let validator: EnvoyValidator;
  let log: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'envoyage-validator-'));
    log = join(folder, 'log');
  });
  afterEach(() => {
    validator.close();
    rmSync(folder, { recursive: true });
  });

  function program(body: string, timeoutMs = 60_000): void {
    const path = join(folder, 'envoy');
    writeFileSync(path, `#!/bin/sh\nfor file; do :; done\necho begin >> ${log}\n${body}\n`);
    chmodSync(path, 0o700);
    validator = new EnvoyValidator({ find: () => Promise.resolve({ path, version: '1.40.0' }), timeoutMs });
  }
  const said = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);

  it('hands it a file that nobody else can read, nothing of the environment, and leaves nothing behind', async () => {
    program(
      `stat -c '%a' "$file" >> ${log}; stat -c '%a' "$(dirname "$file")" >> ${log}; dirname "$file" >> ${log}; env | grep -c SECRET >> ${log}; cat "$file" >> ${log}`,
    );
    process.env['ENVOYAGE_SECRET_OF_TEST'] = 'x';
    try {
      expect(await validator.validate({ a: 1 })).toEqual({ outcome: 'accepted', envoy: '1.40.0' });
    } finally {
      delete process.env['ENVOYAGE_SECRET_OF_TEST'];
    }
    const [, fileMode, folderMode, place = '', secrets, text] = said();
    expect([fileMode, folderMode, secrets, text]).toEqual(['600', '700', '0', '{"a":1}']);
    expect(existsSync(place)).toBe(false);
  });

  it('asks once about the same, and again about something else', async () => {
    program('exit 0');
    await Promise.all([validator.validate({ a: 1 }), validator.validate({ a: 1 })]);
    await validator.validate({ a: 1 });
    expect(said()).toHaveLength(1);
    await validator.validate({ a: 2 });
    expect(said()).toHaveLength(2);
  });

  it('asks about one at a time, and of one lane about the newest alone', async () => {
    const gate = join(folder, 'gate');
    program(`until [ -e ${gate} ]; do sleep 0.05; done; cat "$file" >> ${log}; echo >> ${log}; echo end >> ${log}`);
    const verdicts = [1, 2, 3, 4].map((n) => validator.validate({ n }, n === 4 ? 'other' : 'lane'));
    await waitFor('the first to run', () => said().length > 0);
    expect(await verdicts[1]).toEqual({ outcome: 'unknown', reason: 'a newer one took its place' });
    writeFileSync(gate, '');
    expect((await Promise.all(verdicts)).map(({ outcome }) => outcome)).toEqual(['accepted', 'unknown', 'accepted', 'accepted']);
    expect(said()).toEqual([1, 3, 4].flatMap((n) => ['begin', `{"n":${n}}`, 'end']));
  });

  it('does not know where Envoy never answers, or is not there, and asks again next time', async () => {
    program('exec sleep 600', 200);
    expect(await validator.validate({})).toEqual({ outcome: 'unknown', reason: 'Envoy 1.40.0 did not answer within 0.2 s' });
    await validator.validate({});
    expect(said()).toHaveLength(2);
    const lacking = new EnvoyValidator({ find: () => Promise.reject(new Error('there is no envoy')) });
    expect(await lacking.validate({})).toEqual({ outcome: 'unknown', reason: 'there is no envoy' });
  });

  it('takes a crash for a refusal', async () => {
    program('kill -SEGV $$');
    expect(await validator.validate({})).toEqual({ outcome: 'rejected', envoy: '1.40.0', message: 'Envoy ended by SIGSEGV' });
  });

  it('does not have it run code from a configuration', async () => {
    program('exit 0');
    const lua = { '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua' };
    expect(await validator.validate({ lua })).toMatchObject({ outcome: 'unknown', reason: expect.stringContaining('which Envoy would run here') });
    expect(said()).toEqual([]);
  });

  it('ends what it asked when it is closed', async () => {
    program('exec sleep 600');
    const verdicts = [validator.validate({ n: 1 }), validator.validate({ n: 2 })];
    await waitFor('the first to run', () => said().length > 0);
    validator.close();
    expect((await Promise.all(verdicts)).map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
    expect(await validator.validate({ n: 3 })).toMatchObject({ outcome: 'unknown' });
  });
});
