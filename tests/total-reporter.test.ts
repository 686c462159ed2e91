import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { onCi, totalLine } from './total-reporter.ts';

describe('the line', () => {
  it('stands alone, and names skipped tests where there are any', () => {
    expect(totalLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(totalLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });

  it('has skipped tests among the failed ones on CI', () => {
    expect(totalLine(onCi({ passed: 3, failed: 1, skipped: 2 }))).toBe('3 passed, 3 failed');
  });
});

describe('a run', () => {
  const TESTS = {
    'mixed.test.ts': `
      describe('broken', () => { beforeAll(() => { throw new Error('no'); }); it('never runs', () => {}); });
      it('good', () => {});
      it('bad', () => { throw new Error('no'); });`,
    'unloadable.test.ts': `import './missing.ts';`,
    'good.test.ts': `it('one', () => {}); it('two', () => {});`,
    'skipped.test.ts': `describe.skip('away', () => { it('a', () => {}); });`,
  };

  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  /** A real run of vitest over some of the tests above. */
  function run(names: (keyof typeof TESTS)[], ci: string): { lastLine: string | undefined; status: number | null } {
    const folder = mkdtempSync(join(tmpdir(), 'envoyage-total-'));
    folders.push(folder);
    const reporter = JSON.stringify(resolve(import.meta.dirname, 'total-reporter.ts'));
    const config = `import { TotalReporter } from ${reporter}; export default { test: { globals: true, reporters: ['default', new TotalReporter()] } };`;
    writeFileSync(join(folder, 'vitest.config.mjs'), config);
    for (const name of names) writeFileSync(join(folder, name), TESTS[name]);
    const vitest = resolve(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
    const { stdout, status } = spawnSync(process.execPath, [vitest, 'run', '--root', folder], { encoding: 'utf8', env: { ...process.env, CI: ci } });
    return { lastLine: stdout.trimEnd().split('\n').at(-1), status };
  }

  it('ends with it', () => {
    expect(run(['good.test.ts'], '')).toEqual({ lastLine: '2 passed, 0 failed', status: 0 });
  });

  it('counts what failed outside of a test, too', () => {
    expect(run(['mixed.test.ts', 'unloadable.test.ts', 'good.test.ts'], '')).toEqual({ lastLine: '3 passed, 3 failed, 1 skipped', status: 1 });
  });

  it('fails where something was skipped on CI, and there alone', () => {
    expect(run(['good.test.ts', 'skipped.test.ts'], '')).toEqual({ lastLine: '2 passed, 0 failed, 1 skipped', status: 0 });
    expect(run(['good.test.ts', 'skipped.test.ts'], 'true')).toEqual({ lastLine: '2 passed, 1 failed', status: 1 });
  });
});
