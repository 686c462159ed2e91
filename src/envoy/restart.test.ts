import { describe, expect, it } from 'vitest';
import { afterRun, NO_RESTARTS, type RunEnd } from './restart.ts';

const crash: RunEnd = { wasUp: true, aliveMs: 20 };
const failedStart: RunEnd = { wasUp: false, aliveMs: 20 };

function outcomes(runs: readonly RunEnd[]) {
  let state = NO_RESTARTS;
  return runs.map((run) => {
    const next = afterRun(state, run);
    state = next.state;
    return next.giveUp ? 'give up' : state.backoffMs;
  });
}

describe('afterRun', () => {
  it('doubles from a second to half a minute and never gives up on an Envoy that was up', () => {
    expect(outcomes(Array(8).fill(crash))).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  it('begins anew after a minute alive', () => {
    expect(outcomes([crash, crash, { wasUp: true, aliveMs: 60_000 }, crash])).toEqual([1000, 2000, 1000, 2000]);
  });

  it('gives up after three failed starts in a row', () => {
    expect(outcomes([failedStart, failedStart, failedStart])).toEqual([1000, 2000, 'give up']);
    expect(outcomes([failedStart, failedStart, crash, failedStart, failedStart, failedStart])).toEqual([1000, 2000, 4000, 8000, 16000, 'give up']);
  });
});
