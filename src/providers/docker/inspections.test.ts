import { describe, expect, it } from 'vitest';
import type { Facts } from './facts.ts';
import { EngineFault } from './fault.ts';
import { Inspections } from './inspections.ts';

const id = (n: number): string => n.toString(16).padStart(64, '0');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const asked: { id: string; answer: PromiseWithResolvers<unknown> }[] = [];
  const taken: string[] = [];
  const gone: string[] = [];
  const broke: string[] = [];
  const inspections = new Inspections({
    inspect: (each) => {
      const answer = Promise.withResolvers<unknown>();
      asked.push({ id: each, answer });
      return answer.promise;
    },
    take: ({ container }: Facts) => taken.push(container.name),
    gone: (each) => gone.push(each),
    broke: ({ message }) => broke.push(message),
  });
  const answer = async (i: number, name: string): Promise<void> => {
    asked[i]?.answer.resolve({ Id: asked[i]?.id, Name: name, State: { Status: 'running' } });
    await turn();
  };
  const refuse = async (i: number, fault: EngineFault): Promise<void> => {
    asked[i]?.answer.reject(fault);
    await turn();
  };
  return { inspections, asked, taken, gone, broke, answer, refuse };
}

describe('Inspections', () => {
  it('asks once for all that happened to a container before, and again for what happened since: an answer of before is out of date', async () => {
    const { inspections, asked, taken, answer } = setUp();
    inspections.touch(id(1));
    inspections.touch(id(1));
    await answer(0, 'old');
    expect([asked.length, taken]).toEqual([2, []]);
    await answer(1, 'new');
    expect([asked.length, taken]).toEqual([2, ['new']]);
    expect(inspections.isDirty(id(1))).toBe(false);
  });

  it('asks about a few at a time, and is quiet when all have been answered', async () => {
    const { inspections, asked, taken, answer } = setUp();
    for (let n = 0; n < 20; n++) inspections.touch(id(n));
    expect(asked.length).toBe(8);
    let isQuiet = false;
    const quiet = inspections.quiet().then(() => {
      isQuiet = true;
    });
    for (let n = 0; n < 19; n++) await answer(n, `c${n}`);
    expect([asked.length, isQuiet]).toEqual([20, false]);
    await answer(19, 'c19');
    await quiet;
    expect(taken.length).toBe(20);
    await inspections.quiet();
  });

  it('tells a container that is gone, one that cannot be looked at, and an engine that cannot be asked apart', async () => {
    const { inspections, gone, broke, refuse, answer } = setUp();
    for (const n of [1, 2, 3, 4]) inspections.touch(id(n));
    await refuse(0, new EngineFault('no such container', { status: 404 }));
    await refuse(1, new EngineFault('it hangs', { late: true }));
    await refuse(2, new EngineFault('connect ENOENT'));
    expect([gone, broke]).toEqual([[id(1)], ['connect ENOENT']]);
    expect(inspections.fault).toBe(`1 container could not be looked at: ${id(2).slice(0, 12)}: it hangs`);
    inspections.touch(id(2));
    await answer(4, 'well');
    expect([inspections.fault, inspections.isUnread(id(2))]).toEqual([undefined, false]);
  });

  it('takes nothing more once it is closed', async () => {
    const { inspections, asked, taken, answer } = setUp();
    for (let n = 0; n < 9; n++) inspections.touch(id(n));
    inspections.close();
    await answer(0, 'late');
    await inspections.quiet();
    expect([asked.length, taken]).toEqual([8, []]);
  });
});
