import { EnvoyageError } from '../../lib/errors.ts';
import type { Wish } from '../../model/kinds.ts';
import type { Revision } from '../../model/revision.ts';
import type { ServicesPort } from '../ports.ts';
import { type Plan, plan } from './plan.ts';

/** Revisions read from the journal at a time. */
const PAGE = 200;

/**
 * The edits that lead back to the state as of a revision: what people changed after it, undone. What providers declare is theirs.
 * @throws EnvoyageError revision-not-found where there is none of that number, or the journal does not reach back so far
 */
export function planRollback(services: ServicesPort, revision: number): Plan {
  const newest = services.revision;
  if (revision > newest) {
    throw new EnvoyageError('revision-not-found', `there is no revision ${revision}; the newest is ${newest}`, { hint: 'envoyage history lists them' });
  }
  if (revision < services.reach) throw tooOld(revision, services.reach + 1);
  /** As it was before the first change since: what is read last. */
  const then = new Map<string, Wish | null>();
  for (const { changes, provider } of since(services, revision))
    if (provider === undefined) for (const { id, before } of changes.toReversed()) then.set(id, before);
  const isOurs = (key: string): boolean => services.object(key)?.provider === undefined;
  const gone = [...then].filter(([key, wish]) => wish === null && services.object(key) !== undefined && isOurs(key)).map(([key]) => key);
  const back = [...then].flatMap(([key, wish]) => (wish === null || !isOurs(key) ? [] : [{ wish }]));
  return plan(services, back, gone);
}

/** The revisions after one, newest first. */
function* since(services: ServicesPort, revision: number): Iterable<Revision> {
  let before = services.revision + 1;
  while (before > revision + 1) {
    const page = services.revisions({ limit: Math.min(PAGE, before - revision - 1), before });
    const last = page.at(-1);
    if (last === undefined) return;
    // There may be gaps: revisions of providers are kept apart.
    for (const each of page) if (each.number > revision) yield each;
    before = last.number;
  }
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
