import type { Reader } from './hub.ts';
import { PULSE_MS } from './sse.ts';

/** As much of a WebSocket as events need. */
export interface Socket {
  readonly bufferedAmount: number;
  send(text: string, sent: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'close' | 'pong' | 'error', listener: () => void): unknown;
}

/** Bytes that may wait in the connection before the next event is read. */
const MOST_BUFFERED = 65_536;

/** RFC 6455 §7.4.1 */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

/** Sends events, each a text message of JSON, as fast as the other side takes them; ends connections that are dead. */
export function sendEvents(socket: Socket, subscribe: (wake: () => void) => Reader, signal: AbortSignal): void {
  let scheduled = false;
  let blocked = false;
  let alive = true;
  const pump = (): void => {
    scheduled = false;
    while (!reader.ended) {
      blocked = socket.bufferedAmount > MOST_BUFFERED;
      if (blocked) return;
      const found = reader.next();
      if (found === undefined) break;
      socket.send(JSON.stringify({ id: found.id, ...found.event }), sent);
    }
    if (reader.ended)
      socket.close(signal.aborted ? GOING_AWAY : TRY_AGAIN_LATER, signal.aborted ? 'the daemon shuts down' : 'too slow: come back with ?since=ID');
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(pump);
  };
  const sent = (): void => {
    if (blocked) schedule();
  };
  const reader = subscribe(() => {
    if (!blocked || reader.ended) schedule();
  });
  const pulse = setInterval(() => {
    if (!alive) socket.terminate();
    alive = false;
    socket.ping();
  }, PULSE_MS);
  const end = (): void => {
    clearInterval(pulse);
    signal.removeEventListener('abort', end);
    reader.end();
  };
  socket.on('pong', () => {
    alive = true;
  });
  socket.on('close', end);
  socket.on('error', end);
  signal.addEventListener('abort', end);
  schedule();
}
