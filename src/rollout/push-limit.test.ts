import { describe, expect, it } from 'vitest';
import { PushLimit } from './push-limit.ts';

describe('the limit on publications', () => {
  it('lets as many through in a second as it says, at once, and no more in any second', () => {
    const limit = new PushLimit(3);
    const through: number[] = [];
    for (let now = 0; now <= 5000; now += 10) if (limit.take(now) === 0) through.push(now);
    expect(through.slice(0, 4)).toEqual([0, 10, 20, 1000]);
    for (const at of through) expect(through.filter((each) => each >= at && each < at + 1000).length).toBeLessThanOrEqual(3);
    expect(through).toHaveLength(16);
  });

  it('says how long to wait, and counts nothing that it did not let through', () => {
    const limit = new PushLimit(1);
    expect([limit.take(0), limit.take(400), limit.take(900), limit.take(1000)]).toEqual([0, 600, 100, 0]);
  });
});
