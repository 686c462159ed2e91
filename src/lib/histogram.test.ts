import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';

describe('a histogram', () => {
  it('counts each observation once, under the first bound that is not below it', () => {
    const histogram = new Histogram([1, 2, 5]);
    for (const value of [0, 1, 1.5, 2, 5.1, 1000]) histogram.observe(value);
    expect([...histogram.counts]).toEqual([2, 2, 0, 2]);
    expect(histogram.count).toBe(6);
    expect(histogram.sum).toBeCloseTo(1009.6);
  });

  it('is empty at first', () => {
    expect([...new Histogram([1]).counts, new Histogram([1]).sum]).toEqual([0, 0, 0]);
  });
});
