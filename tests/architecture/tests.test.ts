import { readdirSync } from 'node:fs';
import { matchesGlob, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import config from '../vitest.config.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('the test files', () => {
  const patterns = (config.test?.projects ?? []).map((project) => (typeof project === 'object' && 'test' in project ? (project.test?.include ?? []) : []));

  const files = ['src', 'tests', 'examples', 'bench', 'ui'].flatMap((folder) => {
    try {
      return readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`);
    } catch {
      return []; // not every folder is there yet
    }
  });
  const tests = files.filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules/'));

  it('belong to one project each, so that none is left out or run twice', () => {
    expect(tests.length).toBeGreaterThan(10);
    const homes = (name: string): number => patterns.filter((include) => include.some((pattern) => matchesGlob(name, pattern))).length;
    expect(tests.filter((name) => homes(name) !== 1)).toEqual([]);
  });
});
