import { describe, expect, it } from 'vitest';
import { Listeners } from './listeners.ts';

describe('Listeners', () => {
  it('go on where one throws', () => {
    const errors: unknown[] = [];
    const heard: number[] = [];
    const listeners = new Listeners<number>((thrown) => errors.push(thrown));
    listeners.add(() => {
      throw new Error('no');
    });
    listeners.add((news) => heard.push(news));
    listeners.tell(1);
    expect(heard).toEqual([1]);
    expect(errors).toEqual([new Error('no')]);
  });

  it('all hear news in order, also where one of them makes some', () => {
    const heard: number[] = [];
    const listeners = new Listeners<number>(() => {});
    listeners.add((news) => {
      if (news === 1) listeners.tell(2);
    });
    listeners.add((news) => heard.push(news));
    listeners.tell(1);
    expect(heard).toEqual([1, 2]);
  });

  it('stop when told so, each registration by itself, and at once', () => {
    const heard: number[] = [];
    const listeners = new Listeners<number>(() => {});
    const listener = (news: number): void => void heard.push(news);
    const stop = listeners.add(listener);
    listeners.add(listener);
    const stops: (() => void)[] = [];
    listeners.add(() => {
      for (const stopIt of stops) stopIt();
    });
    stops.push(listeners.add(() => heard.push(-1)));
    listeners.tell(1);
    stop();
    stop();
    listeners.tell(2);
    expect(heard).toEqual([1, 1, 2]);
  });
});
