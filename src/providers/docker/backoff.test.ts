import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

it('doubles from half a second to 30 seconds, and leaves half of it to chance', () => {
  expect([1, 2, 3, 6, 7, 1000].map((failures) => [backoffMs(failures, 0), backoffMs(failures, 1)])).toEqual([
    [500, 1000],
    [1000, 2000],
    [2000, 4000],
    [15_000, 30_000],
    [15_000, 30_000],
    [15_000, 30_000],
  ]);
});
