import { describe, expect, it } from 'vitest';
import type { Rollout } from '../api/types.ts';
import { LiveWatch } from './live-watch.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('LiveWatch', () => {
  it('follows the newest of what goes out meanwhile, one at a time, and stops when it is closed', async () => {
    const asked: { revision: number; signal: AbortSignal; settle(state: Rollout['state']): void }[] = [];
    const told: string[] = [];
    const watch = new LiveWatch(
      {
        progress: (revision, { signal }) =>
          new Promise((resolve) => {
            asked.push({ revision, signal, settle: (state) => resolve({ revision, state, nodes: 2, acked: 2, pending: [], rejected: [], elapsedMs: 5 }) });
          }),
      },
      ({ of, state }) => told.push(`${of} ${state}`),
    );
    for (const revision of [1, 2, 3]) watch.published(revision);
    expect(asked.map(({ revision }) => revision)).toEqual([1]);
    asked[0]?.settle('live');
    await turn();
    expect([told, asked.map(({ revision }) => revision)]).toEqual([['1 live'], [1, 3]]);
    asked[1]?.settle('rejected');
    await turn();
    watch.published(4);
    asked[2]?.settle('pending');
    await turn();
    expect(told).toEqual(['1 live', '3 rejected']);
    watch.published(5);
    watch.close();
    expect(asked[3]?.signal.aborted).toBe(true);
    asked[3]?.settle('live');
    await turn();
    watch.published(6);
    expect([told.length, asked.length]).toEqual([2, 4]);
  });
});
