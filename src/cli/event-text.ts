import type { FleetEvent } from '../api/types.ts';
import type { Paint } from './io.ts';
import { count, duration, enumerate, part, printable } from './words.ts';

/** One line for people: `12:00:00  revision 7 by ann@laptop: Service web changed (endpoints)`. */
export function describeEvent(event: FleetEvent, paint: Paint): string {
  const [, time = event.time] = /T(\d\d:\d\d:\d\d)/.exec(event.time) ?? [];
  const text = printable(sentence(event));
  const bad = event.event === 'rejected' || (event.event === 'live' && event.state === 'rejected');
  return `${paint('dim', time)}  ${bad ? paint('red', text) : text}`;
}

function sentence(event: FleetEvent): string {
  switch (event.event) {
    case 'revision': {
      const changes = event.changes.map(
        ({ kind, name, change, fields = [] }) => `${kind} ${name} ${change}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`,
      );
      return `revision ${event.revision} by ${event.author}: ${enumerate(changes, changes.length + (event.more ?? 0))}`;
    }
    case 'publication':
      return `revision ${event.revision} is on its way`;
    case 'live': {
      if (event.state === 'no-envoys') return `revision ${event.of} is published; no Envoy is connected`;
      const reached = `${part(event.acked, event.nodes, 'Envoy')} in ${duration(event.elapsedMs)}`;
      return event.state === 'live' ? `revision ${event.of} is live on ${reached}` : `revision ${event.of} was rejected; live on ${reached}`;
    }
    case 'connected':
    case 'gone':
      return `${event.node} (group ${event.group}, ${event.agent}) ${event.event === 'gone' ? 'is gone' : 'connected'}`;
    case 'rejected':
      return `${event.node} (group ${event.group}) rejected ${event.type}: ${event.message}`;
    case 'gap':
      return event.lost === 'revisions'
        ? `${count(event.revision - event.from + 1, 'revision')} from ${event.from} on ${event.revision === event.from ? 'is' : 'are'} not known any more`
        : `what else happened since revision ${event.from - 1} is not known any more`;
    default:
      return (event as { event: string }).event;
  }
}
