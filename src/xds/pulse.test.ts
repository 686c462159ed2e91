import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pulse } from './pulse.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('beats three times within the time to live, by one timer, while someone follows', () => {
  const pulse = new Pulse(3);
  expect(vi.getTimerCount()).toBe(0);
  const beats = { a: 0, b: 0 };
  const stopA = pulse.follow(() => beats.a++);
  const stopB = pulse.follow(() => beats.b++);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(3000);
  expect(beats).toEqual({ a: 3, b: 3 });
  stopA();
  vi.advanceTimersByTime(1000);
  expect(beats).toEqual({ a: 3, b: 4 });
  stopB();
  expect(vi.getTimerCount()).toBe(0);
  pulse.follow(() => beats.a++);
  vi.advanceTimersByTime(1000);
  expect(beats).toEqual({ a: 4, b: 4 });
});
