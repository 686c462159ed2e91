import { describe, expect, it } from 'vitest';
import type { Rollout } from '../api/types.ts';
import { outcome } from './outcome.ts';

const IDLE = { what: 'nothing to change: 3 unchanged', kind: 'set', revision: 7, isIdle: true } as const;
const rolloutOf = (state: Rollout['state'], more: Partial<Rollout> = {}): Rollout => ({
  revision: 7,
  state,
  nodes: 2,
  acked: 2,
  pending: [],
  rejected: [],
  elapsedMs: 14,
  ...more,
});

describe('the outcome of what changed nothing', () => {
  it('is that, where every Envoy has it or nobody asked', () => {
    for (const rollout of [undefined, rolloutOf('live'), rolloutOf('no-envoys', { nodes: 0, acked: 0 })]) {
      expect(outcome(IDLE, rollout)).toEqual({ text: 'nothing to change: 3 unchanged', exitCode: 0 });
    }
  });

  it('names who has not got it, or refuses it, as after a change', () => {
    expect(outcome(IDLE, rolloutOf('pending', { acked: 1, pending: ['b'] }))).toMatchObject({
      text: 'nothing to change: 3 unchanged, live on 1 of 2 Envoys after 14 ms; b has not answered yet',
      exitCode: 4,
    });
    const refusal = { node: 'b', type: 'rds', message: 'no' };
    expect(outcome(IDLE, rolloutOf('rejected', { acked: 1, rejected: [refusal] }))).toMatchObject({
      text: expect.stringContaining('1 Envoy rejected it:\n  b (rds)\n    no') as unknown,
      exitCode: 5,
    });
  });
});
