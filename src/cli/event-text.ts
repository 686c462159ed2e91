import type { EventName, FleetEvent, ParkedObject } from '../api/types.ts';
import { titleOf } from '../model/kinds.ts';
import type { Paint } from './io.ts';
import { withProvider } from './object-name.ts';
import { describeOverride } from './override-text.ts';
import { reasonOf } from './provider-text.ts';
import { count, duration, enumerate, part, printable } from './words.ts';

const BAD: ReadonlySet<string> = new Set<EventName>(['rejected', 'quarantined', 'rolled-back']);

/** One line for people: `12:00:00  revision 7 by ann@laptop: Service web changed (endpoints)`. */
export function describeEvent(event: FleetEvent, paint: Paint): string {
  const [, time = event.time] = /T(\d\d:\d\d:\d\d)/.exec(event.time) ?? [];
  const text = printable(sentence(event));
  const isBad =
    BAD.has(event.event) ||
    (event.event === 'provider' && (event.state === 'down' || event.problemCount > 0)) ||
    ((event.event === 'live' || event.event === 'canary') && (event.state === 'rejected' || event.state === 'refused'));
  return `${paint('dim', time)}  ${isBad ? paint('red', text) : text}`;
}

function sentence(event: FleetEvent): string {
  switch (event.event) {
    case 'revision': {
      const changes = event.changes.map(
        ({ kind, name, change, fields = [] }) =>
          `${kind} ${withProvider(name, event.provider)} ${change}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`,
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
    case 'quarantined': {
      const served = event.good === null ? 'nothing of it is served' : `revision ${event.good} of it is served`;
      return `${describeParked(event)} is parked in group ${event.group}, ${served}: ${event.node} refused it (${event.type}): ${event.message}`;
    }
    case 'released':
      return `${describeParked(event)} is parked in group ${event.group} no more: ${event.why === 'changed' ? 'it has changed' : 'it is tried again'}`;
    case 'canary':
      return describeCanary(event);
    case 'rolled-back': {
      const refusal = `${part(event.refused, event.nodes, 'Envoy')} of group ${event.group} refused it: ${event.message}`;
      if (event.by === null) return `revision ${event.of} could not be rolled back (${event.fault}); ${refusal}`;
      return `revision ${event.of} was rolled back by revision ${event.by}; ${refusal}`;
    }
    case 'provider':
      return describeProvider(event);
    case 'override':
      return describeLaid(event);
    case 'gap':
      return event.lost === 'revisions'
        ? `${count(event.revision - event.from + 1, 'revision')} from ${event.from} on ${event.revision === event.from ? 'is' : 'are'} not known any more`
        : `what else happened since revision ${event.from - 1} is not known any more`;
    default:
      return (event as { event: string }).event;
  }
}

function describeParked({ key, origin, of }: ParkedObject): string {
  return `${titleOf(key)}${origin === undefined ? '' : ` (${origin})`} of revision ${of}`;
}

function describeProvider(event: Extract<FleetEvent, { event: 'provider' }>): string {
  const { name, state, problems, problemCount } = event;
  const reason = state === 'paused' ? event.message : reasonOf(event);
  const why = reason === undefined ? '' : `: ${reason}`;
  if (problemCount === 0) return `provider ${name} is ${state}${why}`;
  const [first] = problems;
  const told = first === undefined ? '' : `: ${first.origin === undefined ? '' : `${first.origin}: `}${first.message}`;
  return `provider ${name} is ${state}${why}; ${count(problemCount, 'problem')}${told}${problemCount > 1 ? ` (envoyage providers ${name} has all)` : ''}`;
}

function describeLaid({ what, by, override }: Extract<FleetEvent, { event: 'override' }>): string {
  const text = describeOverride(override);
  const reason = override.reason === undefined || what !== 'laid' ? '' : ` (${override.reason})`;
  return what === 'laid' ? `${by} laid an override: ${text}${reason}` : `${what === 'ended' ? 'the time is up of' : `${by} took away`} the override: ${text}`;
}

function describeCanary({ group, state, of, nodes }: Extract<FleetEvent, { event: 'canary' }>): string {
  const names = enumerate(nodes);
  switch (state) {
    case 'waiting':
      return `the others of group ${group} wait for ${names} to take revision ${of}`;
    case 'stalled':
      return `${names} (group ${group}) did not answer revision ${of} in time; the others go on`;
    case 'passed':
      return `the others of group ${group} get revision ${of}, after ${names}`;
    case 'refused':
      return `the others of group ${group} do not get what ${names} refused of revision ${of}`;
  }
}
