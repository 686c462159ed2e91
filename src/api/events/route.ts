import { z } from 'zod';
import { EnvoyageError } from '../../lib/errors.ts';
import { didYouMean } from '../../lib/nearest.ts';
import type { Request, Route } from '../route.ts';
import { route } from '../route.ts';
import type { EventName } from '../types.ts';
import { type Cursor, parseCursor } from './cursor.ts';
import type { EventHub, Reader } from './hub.ts';
import { sendEvents } from './socket.ts';
import { eventStream } from './sse.ts';

const NAMES: readonly EventName[] = [
  'revision',
  'publication',
  'live',
  'connected',
  'gone',
  'rejected',
  'quarantined',
  'released',
  'canary',
  'rolled-back',
  'provider',
  'override',
  'gap',
];

const eventsQuery = z.strictObject({
  since: z
    .string()
    .optional()
    .meta({ description: 'Go on after this: the number of a revision, or the id of an event. What happens from now on unless given.' }),
  only: z
    .string()
    .optional()
    .meta({ description: `The events wanted, with commas: ${NAMES.join(', ')}.` }),
});
type EventsQuery = z.infer<typeof eventsQuery>;

/** GET /api/v1/events */
export function eventRoutes(hub: EventHub): Route[] {
  const subscription = ({ query, lastEventId }: Request<EventsQuery>): ((wake: () => void) => Reader) => {
    const from = cursorOf(query.since, lastEventId);
    const only = namesIn(query.only);
    return (wake) => hub.subscribe(from, only, wake);
  };
  return [
    route({
      method: 'GET',
      path: '/api/v1/events',
      operation: 'events',
      summary: 'What happens, as it happens: server-sent events, or a WebSocket where the request asks for one.',
      query: eventsQuery,
      answers: { 200: { description: 'Events without end; data is JSON.', type: 'text/event-stream' } },
      problems: [503],
      handle: (request) => ({
        status: 200,
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
        body: eventStream(subscription(request), request.signal),
      }),
      socket: (request, socket) => sendEvents(socket, subscription(request), request.signal),
    }),
  ];
}

/** A browser that comes back by itself asks the same URL again, and says in a header where it was. */
function cursorOf(since: string | undefined, lastEventId: string | undefined): Cursor | undefined {
  if (lastEventId !== undefined && lastEventId !== '') return parseCursor(lastEventId, 'Last-Event-ID');
  return since === undefined ? undefined : parseCursor(since, 'since');
}

function namesIn(only: string | undefined): ReadonlySet<EventName> | undefined {
  if (only === undefined) return undefined;
  const names = only.split(',').map((name) => name.trim());
  for (const name of names) {
    if (NAMES.includes(name as EventName)) continue;
    throw new EnvoyageError('invalid-request', `there is no event "${name.slice(0, 40)}"${didYouMean(name, NAMES)}: only takes ${NAMES.join(', ')}`);
  }
  return new Set(names as EventName[]);
}
