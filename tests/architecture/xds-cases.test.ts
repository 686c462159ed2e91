import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Tests that play everything at random, or real Envoys: they do not speak of single cases. */
const WITHOUT_NUMBERS = ['xds-model', 'xds-fleet', 'xds-load', 'xds-same', 'tests/'];

describe('the table of cases in docs/xds.md', () => {
  const rows = [...readFileSync(resolve(ROOT, 'docs/xds.md'), 'utf8').matchAll(/^\| (\d+) \| .* \| (.*) \|$/gm)].map(([, number = '', tests = '']) => ({
    number,
    tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, test = '']) => test),
  }));
  const text = (test: string): string => {
    const file = resolve(ROOT, test.includes('/') ? test : `tests/integration/${test}.test.ts`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };

  it('names tests that are there, and that name their case', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const { number, tests } of rows) {
      expect([number, tests.filter((test) => text(test) === '')]).toEqual([number, []]);
      const specific = tests.filter((test) => !WITHOUT_NUMBERS.some((name) => test.startsWith(name)));
      for (const test of specific) expect([number, test, new RegExp(`case ${number}\\b`, 'i').test(text(test))]).toEqual([number, test, true]);
    }
  });
});
