import { EnvoyageError } from '../../lib/errors.ts';
import type { Wish } from '../../model/kinds.ts';
import type { ServicesPort } from '../ports.ts';
import { type Plan, plan } from './plan.ts';

/** Revisions read from the journal at a time. */
const PAGE = 200;

/**
 * The edits that lead back to the state as of a revision: what came after it, undone.
 * @throws EnvoyageError revision-not-found where there is none of that number, or the journal does not reach back so far
 */
export function planRollback(services: ServicesPort, revision: number): Plan {
  const newest = services.revision;
  if (revision > newest) {
    throw new EnvoyageError('revision-not-found', `there is no revision ${revision}; the newest is ${newest}`, { hint: 'envoyage history lists them' });
  }
  /** As it was before the first change since: what is read last. */
  const then = new Map<string, Wish | null>();
  let reached = newest + 1;
  while (reached > revision + 1) {
    const page = services.revisions({ limit: Math.min(PAGE, reached - revision - 1), before: reached });
    const last = page.at(-1);
    if (last === undefined || page[0]?.number !== reached - 1) throw tooOld(revision, reached);
    for (const { changes } of page) for (const { id, before } of changes.toReversed()) then.set(id, before);
    reached = last.number;
  }
  const gone = [...then].filter(([key, wish]) => wish === null && services.object(key) !== undefined).map(([key]) => key);
  const back = [...then.values()].flatMap((wish) => (wish === null ? [] : [{ wish }]));
  return plan(services, back, gone);
}

function tooOld(revision: number, oldest: number): EnvoyageError {
  return new EnvoyageError(
    'revision-not-found',
    `the journal reaches back to revision ${oldest}, so what was there as of revision ${revision} is not known any more`,
    {
      hint: 'envoyage history lists the revisions there are; an older state is in a backup, or in the files that were applied',
    },
  );
}
