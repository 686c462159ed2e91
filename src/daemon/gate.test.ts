import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gate, PATIENCE } from './gate.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function setUp(...names: string[]) {
  const sources = names.map((name) => ({ name, ...Promise.withResolvers<void>() }));
  const gate = new Gate(sources.map(({ name, promise }) => ({ name, synced: promise })));
  const onLate = vi.fn();
  gate.start(onLate);
  return { gate, sources, onLate };
}

const settle = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

describe('the gate', () => {
  it('is open from the start where there is nobody to wait for', async () => {
    const { gate } = setUp();
    expect([gate.isOpen, vi.getTimerCount()]).toEqual([true, 0]);
    await gate.opened;
  });

  it('opens when the last has spoken, and leaves no timer behind', async () => {
    const { gate, sources, onLate } = setUp('docker', 'files');
    sources[0]?.resolve();
    await settle();
    expect(gate.isOpen).toBe(false);
    sources[1]?.resolve();
    await gate.opened;
    expect([gate.isOpen, vi.getTimerCount(), onLate.mock.calls]).toEqual([true, 0, []]);
  });

  it('opens in the end without those that are late or failed, and names them', async () => {
    const { gate, sources, onLate } = setUp('docker', 'files', 'nomad');
    sources[0]?.resolve();
    sources[1]?.reject(new Error('no such folder'));
    await settle();
    vi.advanceTimersByTime(PATIENCE - 1);
    expect(gate.isOpen).toBe(false);
    vi.advanceTimersByTime(1);
    await gate.opened;
    expect(onLate.mock.calls).toEqual([[['files', 'nomad']]]);
    sources[2]?.resolve();
    await settle();
    expect([gate.isOpen, onLate.mock.calls.length]).toEqual([true, 1]);
  });

  it('waits no more once it is closed', () => {
    const { gate, onLate } = setUp('docker');
    gate.close();
    vi.advanceTimersByTime(PATIENCE);
    expect([gate.isOpen, onLate.mock.calls.length]).toEqual([false, 0]);
  });
});
