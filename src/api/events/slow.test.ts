import { describe, expect, it, vi } from 'vitest';
import { EventHub } from './hub.ts';
import { type Socket, sendEvents } from './socket.ts';
import { eventStream, PULSE_MS } from './sse.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const hubOf = (capacity: number): EventHub => new EventHub({ journal: { revision: 0, revisions: () => [] }, capacity, run: 'r', now: () => new Date(0) });
const news = { event: 'rejected', node: 'edge-1', group: 'edge', type: 'cds', message: 'x'.repeat(1000) } as const;

describe('a reader that reads nothing', () => {
  it('is let go by server-sent events, with no more kept for it than a stream holds', async () => {
    const hub = hubOf(50);
    const stream = eventStream((wake) => hub.subscribe(undefined, undefined, wake), new AbortController().signal);
    stream.read(0);
    for (let i = 0; i < 90; i++) {
      hub.publish(news);
      await turn();
    }
    expect([stream.destroyed, hub.readers]).toEqual([false, 1]);
    expect(stream.readableLength).toBeLessThan(stream.readableHighWaterMark + 2000);
    for (let i = 0; i < 100; i++) hub.publish(news);
    await turn();
    expect([stream.destroyed, hub.readers]).toEqual([true, 0]);
  });

  it('is let go where it was about to read, and its connection ends though it does not take the rest', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const hub = hubOf(50);
      const stream = eventStream((wake) => hub.subscribe(undefined, undefined, wake), new AbortController().signal);
      stream.read(0);
      for (let i = 0; i < 100; i++) hub.publish(news);
      await turn();
      expect([stream.destroyed, hub.readers]).toEqual([false, 0]);
      vi.advanceTimersByTime(PULSE_MS);
      expect([stream.destroyed, vi.getTimerCount()]).toEqual([true, 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is let go by a WebSocket likewise, and told to come back', async () => {
    const hub = hubOf(200);
    const sent: string[] = [];
    const closed: number[] = [];
    const socket: Socket = {
      get bufferedAmount() {
        return sent.reduce((sum, each) => sum + each.length, 0);
      },
      send: (text) => void sent.push(text),
      ping: () => undefined,
      close: (code) => void closed.push(code),
      terminate: () => undefined,
      on: () => undefined,
    };
    const stop = new AbortController();
    sendEvents(socket, (wake) => hub.subscribe(undefined, undefined, wake), stop.signal);
    for (let i = 0; i < 150; i++) hub.publish(news);
    await turn();
    expect(socket.bufferedAmount).toBeGreaterThan(50_000);
    expect(socket.bufferedAmount).toBeLessThan(70_000);
    for (let i = 0; i < 400; i++) hub.publish(news);
    await turn();
    expect([closed, hub.readers]).toEqual([[1013], 0]);
    stop.abort();
  });
});
