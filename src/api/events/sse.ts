import { Readable } from 'node:stream';
import type { Numbered, Reader } from './hub.ts';

/** Milliseconds between signs of life, which keep proxies from ending what seems idle. */
export const PULSE_MS = 15_000;

/** What a client waits before it comes back, milliseconds. */
const RETRY_MS = 1000;

/**
 * Events as a body of text/event-stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). It reads the next event only
 * when the connection takes more, so nothing piles up here.
 * @param subscribe is given what to call when there may be more to read
 */
export function eventStream(subscribe: (wake: () => void) => Reader, signal: AbortSignal): Readable {
  let waiting = false;
  let scheduled = false;
  const pump = (): void => {
    scheduled = false;
    if (stream.destroyed) return;
    waiting = false;
    for (let found = reader.next(); found !== undefined; found = reader.next()) if (!stream.push(block(found))) return;
    waiting = true;
    if (reader.ended) stream.push(null);
  };
  // Not within the commit that made the news.
  const wake = (): void => {
    if (reader.ended && !waiting) stream.destroy();
    if (!waiting || scheduled) return;
    scheduled = true;
    setImmediate(pump);
  };
  const reader = subscribe(wake);
  const end = (): void => reader.end();
  const stream = new Readable({
    read: pump,
    destroy: (error, done) => {
      clearInterval(pulse);
      signal.removeEventListener('abort', end);
      reader.end();
      done(error);
    },
  });
  stream.push(`retry: ${RETRY_MS}\n\n`);
  const pulse = setInterval(() => {
    // Whoever was let go and takes in not even what is left keeps a connection for nothing.
    if (reader.ended) stream.destroy();
    else if (waiting) stream.push(':\n\n');
  }, PULSE_MS);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  return stream;
}

function block({ id, event }: Numbered): string {
  return `id: ${id}\nevent: ${event.event}\ndata: ${JSON.stringify({ id, ...event })}\n\n`;
}
