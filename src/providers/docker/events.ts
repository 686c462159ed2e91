import { loose, text } from './loose.ts';

/** What the engine says has happened to one container. */
export interface EngineEvent {
  /** Of the container. */
  readonly id: string;
  readonly what: 'kill' | 'die' | 'destroy' | 'other';
  /** Of a kill: `15`. Podman leaves it out. */
  readonly signal?: string | undefined;
  /** By the engine's clock, milliseconds. */
  readonly at: number;
}

/**
 * What is asked for: without a filter, each health check of each container would be told. Podman has other words for some, and
 * ignores those that it does not know, as Docker does.
 */
export const EVENT_FILTERS = {
  type: ['container', 'network'],
  event: [
    ...['create', 'start', 'restart', 'die', 'died', 'kill', 'stop', 'pause', 'unpause', 'health_status', 'rename', 'update', 'destroy', 'remove'],
    ...['connect', 'disconnect'],
  ],
};

/** The longest event that is read, bytes; it carries all labels of its container. */
const LONGEST_LINE = 1024 * 1024;

/**
 * The events of a stream, which are lines of JSON.
 * @throws Error for what is no event, and whatever ends the stream with a fault
 */
export async function* readEvents(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<EngineEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error(`the engine sends an event of more than ${LONGEST_LINE} bytes`);
    for (const line of lines) {
      if (line.trim() === '') continue;
      const event = eventOf(line);
      if (event !== undefined) yield event;
    }
  }
}

/** Undefined where it concerns no container. @throws Error where it is no JSON */
function eventOf(line: string): EngineEvent | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new Error(`the engine sends something that is no event: ${JSON.stringify(line.slice(0, 80))}`);
  }
  const event = loose(parsed);
  const actor = loose(event.Actor);
  const attributes = loose(actor.Attributes);
  const type = text(event.Type) ?? 'container';
  // A network's event is about the network, and names the container beside it; podman's is about the container.
  const id = (type === 'network' ? text(attributes.container) : undefined) ?? text(actor.ID) ?? text(event.id);
  if (id === undefined || !/^[0-9a-f]{12,64}$/.test(id) || (type !== 'container' && type !== 'network')) return undefined;
  const action = text(event.Action) ?? text(event.status) ?? '';
  const what = type === 'container' ? (WHAT[action] ?? 'other') : 'other';
  const nanos = Number(event.timeNano);
  const at = Number.isFinite(nanos) && nanos > 0 ? Math.floor(nanos / 1e6) : Number(event.time ?? 0) * 1000;
  return { id, what, at, ...(what === 'kill' ? { signal: text(attributes.signal) } : {}) };
}

const WHAT: Readonly<Record<string, EngineEvent['what']>> = { kill: 'kill', die: 'die', died: 'die', destroy: 'destroy', remove: 'destroy' };
