import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Throttle } from './throttle.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function counting(): { throttle: Throttle; runs: number[] } {
  const runs: number[] = [];
  const began = performance.now();
  return { throttle: new Throttle(() => runs.push(performance.now() - began), { quiet: 100, most: 1000 }), runs };
}

it('runs at once, and once more for all that follows closely', () => {
  const { throttle, runs } = counting();
  for (let i = 0; i < 10; i++) {
    throttle.ask();
    vi.advanceTimersByTime(20);
  }
  vi.advanceTimersByTime(5000);
  expect(runs).toEqual([0, 280]);
  throttle.ask();
  expect(runs).toHaveLength(3);
});

it('lets no one wait for longer than it may, though there is no end to them', () => {
  const { throttle, runs } = counting();
  for (let i = 0; i < 250; i++) {
    throttle.ask();
    vi.advanceTimersByTime(10);
  }
  expect(runs[0]).toBe(0);
  expect(runs[1]).toBe(1010);
  expect(runs.slice(1).every((at, i) => at - (runs[i] ?? 0) <= 1010)).toBe(true);
});

it('does nothing once it is closed', () => {
  const { throttle, runs } = counting();
  throttle.ask();
  throttle.ask();
  throttle.close();
  vi.advanceTimersByTime(5000);
  expect(runs).toEqual([0]);
});

it('runs what is asked for from within a run later', () => {
  let runs = 0;
  const throttle: Throttle = new Throttle(
    () => {
      runs++;
      if (runs < 3) throttle.ask();
    },
    { quiet: 100, most: 1000 },
  );
  throttle.ask();
  expect(runs).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(runs).toBe(3);
});
