import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenForStop } from './stop.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listen() {
  const signals = new EventEmitter();
  const exits: number[] = [];
  const stop = listenForStop({ signals, exit: (code) => exits.push(code) });
  return { signals, exits, stop };
}

describe('listenForStop', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('asks for a clean end at the first %s', async (signal) => {
    const { signals, exits, stop } = listen();
    expect(stop.signal.aborted).toBe(false);
    signals.emit(signal, signal);
    expect(await stop.requested).toBe(signal);
    expect(stop.signal.aborted).toBe(true);
    expect(exits).toEqual([]);
  });

  it('ends the process at the second', () => {
    const { signals, exits } = listen();
    signals.emit('SIGTERM', 'SIGTERM');
    signals.emit('SIGINT', 'SIGINT');
    expect(exits).toEqual([130]);
  });

  it('gives the signals back when it is done, and ends what lingers', () => {
    const { signals, exits, stop } = listen();
    stop.done(1);
    expect(signals.eventNames()).toEqual([]);
    expect(exits).toEqual([]);
    vi.runAllTimers();
    expect(exits).toEqual([1]);
  });
});
