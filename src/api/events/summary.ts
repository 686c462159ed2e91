import { isDeepStrictEqual } from 'node:util';
import { kindOf, nameOf, type Wish } from '../../model/kinds.ts';
import type { Change, Revision } from '../../model/revision.ts';
import type { ChangeSummary, FleetEvent } from '../types.ts';

/** As many changes of one revision are listed in its event; GET /api/v1/revisions/{number} has all. */
const MOST_CHANGES = 100;

export function revisionEvent({ number, time, author, provider, changes }: Revision): FleetEvent {
  const listed = changes.slice(0, MOST_CHANGES).map(summary);
  const more = changes.length - listed.length;
  return {
    event: 'revision',
    revision: number,
    time,
    author,
    ...(provider === undefined ? {} : { provider }),
    changes: listed,
    ...(more === 0 ? {} : { more }),
  };
}

/** What a change did to which object. No content is in it, so no secret is either. */
export function summary({ before, after }: Change): ChangeSummary {
  const wish = after ?? before;
  if (wish === null) throw new Error('a change has an object before or after it');
  const about = { kind: kindOf(wish), name: nameOf(wish) };
  if (before === null) return { ...about, change: 'created' };
  if (after === null) return { ...about, change: 'deleted' };
  return { ...about, change: 'changed', fields: changedFields(before, after) };
}

function changedFields(before: Wish, after: Wish): string[] {
  const [a, b] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => !isDeepStrictEqual(a.get(name), b.get(name)));
}
