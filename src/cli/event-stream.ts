import { setTimeout as delay } from 'node:timers/promises';
import type { FleetEvent } from '../api/types.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { Client } from './client.ts';

/** Milliseconds between attempts to come back to a daemon that was there before. */
const RETRY_MS = 1000;

/**
 * Tells of each event until it is called off. Where the connection ends, it comes back and goes on after the last event.
 * @throws EnvoyageError where the daemon does not answer the first time, or does not take the request
 */
export async function followEvents(
  client: Pick<Client, 'open'>,
  { since, only }: { readonly since?: string; readonly only?: string },
  tell: (event: FleetEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let last = since;
  let answered = false;
  while (!signal.aborted) {
    const query = Object.entries({ since: last, only }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
    try {
      const body = await client.open(`events${query.length === 0 ? '' : `?${query.join('&')}`}`, signal);
      answered = true;
      for await (const { id, event } of blocks(body)) {
        last = id;
        tell(event);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const mayComeBack = answered && (!(thrown instanceof EnvoyageError) || thrown.status >= 500);
      if (!mayComeBack) throw thrown;
    }
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function* blocks(body: ReadableStream<Uint8Array>): AsyncGenerator<{ id: string; event: FleetEvent }> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data) as FleetEvent & { readonly id: string };
      yield { id: event.id, event };
    }
  }
}
