import { describe, expect, it } from 'vitest';
import { Admission, addressOf, MOST_DELAY_MS } from './admission.ts';
import { Bucket } from './bucket.ts';
import { DEFAULT_LIMITS, type LimitAct, LimitLog } from './limits.ts';
import { Refusals } from './refusals.ts';

describe('a bucket', () => {
  it('holds what a second gives, and tells who comes too soon how long to wait', () => {
    const bucket = new Bucket(10, 0);
    for (let i = 0; i < 10; i++) expect(bucket.take(0)).toBe(0);
    expect(bucket.take(0)).toBe(100);
    expect(bucket.take(0)).toBe(200);
    expect(bucket.take(300)).toBe(0);
    expect(bucket.take(300)).toBe(100);
    for (let i = 0; i < 10; i++) expect(bucket.take(1_000_000)).toBe(0);
    expect(bucket.take(1_000_000)).toBeGreaterThan(0);
  });
});

describe('admission', () => {
  it('counts streams out again, by address', () => {
    const admission = new Admission({ ...DEFAULT_LIMITS, streams: 3, streamsPerAddress: 2 }, 0);
    expect([admission.enter('a', 0), admission.enter('a', 0)]).toEqual([0, 0]);
    expect(admission.enter('a', 0)).toMatchObject({ limit: 'streams-per-address' });
    expect(admission.enter('b', 0)).toBe(0);
    expect(admission.enter('c', 0)).toMatchObject({ limit: 'streams' });
    admission.leave('a');
    expect(admission.enter('a', 0)).toBe(0);
    for (const address of ['a', 'a', 'b']) admission.leave(address);
    expect(admission.streams).toBe(0);
  });

  it('keeps nobody waiting too long, and who is turned away costs the others nothing', () => {
    const admission = new Admission({ ...DEFAULT_LIMITS, streamRate: 1 }, 0);
    for (let wait = 0; wait <= MOST_DELAY_MS; wait += 1000) expect(admission.enter('a', 0)).toBe(wait);
    for (let i = 0; i < 100; i++) expect(admission.enter('a', 0)).toMatchObject({ limit: 'stream-rate' });
    expect(admission.enter('a', 1000)).toBe(MOST_DELAY_MS);
  });

  it('knows an address by what stands before the port', () => {
    expect(['10.0.0.1:5', '::1:5', 'unknown'].map(addressOf)).toEqual(['10.0.0.1', '::1', 'unknown']);
  });
});

describe('the log of limits', () => {
  it('tells at once, and then every ten seconds how many were missed', () => {
    const acts: LimitAct[] = [];
    const log = new LimitLog((act) => acts.push(act));
    for (const now of [0, 1, 9999, 10_000, 10_001, 30_000]) log.acted('streams', `p${now}`, 'm', now);
    log.acted('names', 'q', 'm', 5);
    expect(acts.map(({ limit, address, missed }) => [limit, address, missed])).toEqual([
      ['streams', 'p0', 0],
      ['streams', 'p10000', 2],
      ['streams', 'p30000', 1],
      ['names', 'q', 0],
    ]);
    expect(log.counts).toMatchObject({ streams: 6, names: 1, types: 0 });
  });
});

describe('refusals', () => {
  it('are one for each client and reason, told at once and then every minute', () => {
    const refusals = new Refusals();
    expect([0, 1, 59_999, 60_000].map((now) => refusals.note('a', 'r', now))).toEqual([true, false, false, true]);
    expect(refusals.note('b', 'r', 60_001)).toBe(true);
    expect(refusals.recent(60_002)).toEqual([
      { address: 'b', reason: 'r', count: 1, at: 60_001 },
      { address: 'a', reason: 'r', count: 4, at: 60_000 },
    ]);
    expect(refusals.total).toBe(5);
    expect(refusals.recent(700_000)).toEqual([]);
  });

  it('of very many clients fill neither the list nor the log, and are told of later', () => {
    const refusals = new Refusals();
    const told = Array.from({ length: 2000 }, (_, i) => refusals.note(`a${i}`, 'r', 5));
    expect(told.filter(Boolean)).toHaveLength(20);
    expect(refusals.recent(1000).map(({ address }) => address)).toEqual(Array.from({ length: 100 }, (_, i) => `a${1999 - i}`));
    expect(refusals.note('a1999', 'r', 1005)).toBe(true);
    expect(refusals.recent(1005)[0]).toEqual({ address: 'a1999', reason: 'r', count: 2, at: 1005 });
  });
});
