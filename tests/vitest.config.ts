import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { TotalReporter } from './total-reporter.ts';

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 26) throw new Error(`the tests need Node 26, and this is ${process.version}: run them by npm test, or with node_modules/.bin first in PATH`);

const SECOND = 1000;

/** Sized for two cores: files of one project at a time, and of those that start Envoys and daemons one after another. */
export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  test: {
    reporters: ['default', new TotalReporter()],
    // Golden files are written anew by `UPDATE_GOLDEN=1` alone; one that is missing is a failure.
    update: process.env.UPDATE_GOLDEN === '1' ? 'all' : 'none',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tests/{architecture,golden}/**/*.test.ts', 'tests/*.test.ts'],
          testTimeout: 30 * SECOND,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/{integration,contract}/**/*.test.ts'],
          testTimeout: 120 * SECOND,
          hookTimeout: 120 * SECOND,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 300 * SECOND,
          hookTimeout: 600 * SECOND,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
