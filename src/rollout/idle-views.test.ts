import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IdleViews, KEPT } from './idle-views.ts';
import { Publications } from './publications.ts';
import { testTranslator } from './testkit.ts';
import { Translations } from './translations.ts';
import { View } from './view.ts';

const view = (): Publications => new Publications(new View('g', 'ads', new Translations(testTranslator), testTranslator));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('views that nobody uses', () => {
  it('are handed out once, with what they missed', () => {
    const idle = new IdleViews();
    idle.miss(['before']);
    const [a, b] = [view(), view()];
    idle.put('a', a, 3);
    idle.miss(['one', 'two']);
    idle.put('b', b, 4);
    idle.miss(['two', 'three']);
    expect(idle.take('a')).toMatchObject({ publications: a, missed: new Set(['one', 'two', 'three']), after: 3 });
    expect([idle.take('a'), idle.has('a'), idle.has('b')]).toEqual([undefined, false, true]);
    expect(idle.take('b')?.missed).toEqual(new Set(['two', 'three']));
    idle.close();
  });

  it('go a minute after they were left, each in its time', () => {
    const idle = new IdleViews();
    idle.put('a', view(), 0);
    vi.advanceTimersByTime(KEPT / 2);
    idle.put('b', view(), 0);
    vi.advanceTimersByTime(KEPT / 2);
    expect([idle.has('a'), idle.has('b')]).toEqual([false, true]);
    vi.advanceTimersByTime(KEPT / 2);
    expect([idle.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('have their minute from when they were left last', () => {
    const idle = new IdleViews();
    idle.put('a', view(), 0);
    vi.advanceTimersByTime(KEPT / 2);
    const taken = idle.take('a');
    if (taken !== undefined) idle.put('a', taken.publications, 0);
    vi.advanceTimersByTime(KEPT / 2);
    expect(idle.has('a')).toBe(true);
    vi.advanceTimersByTime(KEPT / 2);
    expect(idle.has('a')).toBe(false);
  });

  it('are 64 at most, the last ones left, and none that missed too much', () => {
    const idle = new IdleViews();
    for (let i = 0; i < 65; i++) idle.put(`${i}`, view(), 0);
    expect([idle.size, idle.has('0'), idle.has('1')]).toEqual([64, false, true]);
    idle.miss(Array.from({ length: 10_000 }, (_, i) => `s${i}`));
    expect(idle.size).toBe(64);
    idle.miss(['one-more']);
    expect(idle.size).toBe(0);
    idle.close();
  });

  it('are none after the end, and leave no timer', () => {
    const idle = new IdleViews();
    idle.put('a', view(), 0);
    idle.close();
    idle.put('b', view(), 0);
    expect([idle.size, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
