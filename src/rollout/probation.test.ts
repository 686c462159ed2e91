import { describe, expect, it } from 'vitest';
import { Probation } from './probation.ts';
import { service } from './testkit.ts';

const version = (port: number) => service('web', [`10.0.0.1:${port}`]);

describe('what is on probation', () => {
  it('is good as it was before the first publication that nobody has taken', () => {
    const probation = new Probation();
    const [one, two, three] = [version(1), version(2), version(3)];
    probation.note('web', 5, one, two, 4);
    probation.note('web', 6, two, three, 4);
    expect(probation.within(4, 6)).toEqual([{ key: 'web', first: 5, last: 6, version: three, good: one }]);
    expect([probation.within(3, 4), probation.within(6, 7)]).toEqual([[], []]);
  });

  it('is good as it was taken', () => {
    const probation = new Probation();
    probation.note('web', 5, version(1), version(2), 4);
    probation.note('web', 7, version(2), version(3), 5);
    expect(probation.within(0, 9)).toEqual([{ key: 'web', first: 7, last: 7, version: version(3), good: version(2) }]);
  });

  it('does not change under who looks at it', () => {
    const probation = new Probation();
    probation.note('web', 5, undefined, version(1), 4);
    const [seen] = probation.within(0, 9);
    probation.note('web', 6, version(1), undefined, 4);
    expect(seen?.version).toEqual(version(1));
  });

  it('is over when all have taken it, or it is forgotten', () => {
    const probation = new Probation();
    probation.note('a', 5, undefined, version(1), 4);
    probation.note('b', 6, undefined, version(1), 4);
    probation.note('c', 7, undefined, version(1), 4);
    probation.passed(5);
    probation.forget('c');
    expect([probation.has('a'), probation.has('b'), probation.has('c'), probation.size]).toEqual([false, true, false, 1]);
  });
});
