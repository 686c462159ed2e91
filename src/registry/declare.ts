import type { EnvoyageError } from '../lib/errors.ts';
import type { DeclaredEdit } from '../model/declared.ts';
import { isDeclared, keyOf, type Stored, type Wish } from '../model/kinds.ts';
import { sameWish } from '../model/same.ts';
import { wishOf } from '../model/wish-of.ts';
import { ownershipFault, referenceFaults } from './consistency.ts';
import { type Outcome, outcomeOf, type Stamp } from './edits.ts';
import * as refusal from './refusals.ts';
import { RawNames } from './resource-names.ts';
import { Draft, type State } from './state.ts';

/** Said of an edit that stands alone, as each of a provider's does. */
const ALONE: refusal.Place = { index: 0, of: 1 };

type Refused = Map<string, EnvoyageError>;
type ProviderStamp = Stamp & { readonly provider: string };

/**
 * Applies edits of which each may be refused without the others.
 *
 * What is refused is left as it was, which may be in the way of another, so all is tried again without it, until nothing more is
 * refused: two rounds mostly, and never more than there are edits. What was refused for one that is refused in a later round may be possible when
 * it is declared again.
 */
export function declareEdits(state: State, edits: readonly DeclaredEdit[], stamp: ProviderStamp): { outcome: Outcome; refused: Refused } {
  const refused: Refused = new Map();
  let left = edits;
  for (;;) {
    const draft = new Draft(state);
    const faults = attempt(draft, left, stamp);
    if (faults.size === 0) return { outcome: outcomeOf(draft, left.map(keyIn)), refused };
    for (const [key, fault] of faults) refused.set(key, fault);
    left = left.filter((edit) => !faults.has(keyIn(edit)));
  }
}

function keyIn(edit: DeclaredEdit): string {
  return edit.op === 'apply' ? keyOf(edit.wish) : edit.key;
}

/** All that goes or changes is gone before anything comes, since a host or an address may pass from one to another. */
function attempt(draft: Draft, edits: readonly DeclaredEdit[], stamp: ProviderStamp): Refused {
  const faults: Refused = new Map();
  const coming: (DeclaredEdit & { readonly op: 'apply' })[] = [];
  for (const edit of edits) {
    const key = keyIn(edit);
    const current = draft.base.object(key);
    if (current !== undefined && current.provider === undefined) {
      faults.set(key, refusal.ownedByPeople(key, current));
      continue;
    }
    const isSame = edit.op === 'apply' && current !== undefined && sameWish(wishOf(current), edit.wish);
    if (isSame && current.provider === stamp.provider && (edit.origin === undefined || edit.origin === current.origin)) continue;
    if (edit.op === 'apply') coming.push(edit);
    if (current !== undefined && !isSame) draft.delete(key);
  }
  const raws = new RawNames();
  // Who has a host goes before who would take it.
  const keeps = ({ wish }: { readonly wish: Wish }): boolean => !isDeclared(wish) && draft.base.get(wish.id)?.host === wish.host;
  for (const { wish, origin } of [...coming.filter(keeps), ...coming.filter((edit) => !keeps(edit))]) {
    const fault = put(draft, raws, { ...wish, ...bookkeeping(draft.base.object(keyOf(wish)), stamp), ...(origin === undefined ? {} : { origin }) });
    if (fault !== undefined) faults.set(keyOf(wish), fault);
  }
  // One that is refused may be missed by others, and one that may not go may be what others refer to: those are not to blame until it
  // is known what is left.
  if (faults.size > 0) return faults;
  const all = [...referenceFaults(draft, () => ALONE)];
  const staying = all.filter(([, { code }]) => code === 'still-in-use');
  return new Map(staying.length > 0 ? staying : all);
}

function bookkeeping(current: Stored | undefined, { revision, time, author, provider }: ProviderStamp) {
  return { revision, createdAt: current?.createdAt ?? time, updatedAt: time, updatedBy: author, provider };
}

function put(draft: Draft, raws: RawNames, object: Stored): EnvoyageError | undefined {
  const rival = isDeclared(object) ? undefined : draft.rivalOf(object);
  if (!isDeclared(object) && rival !== undefined) return refusal.hostTaken(object, rival, undefined, ALONE);
  const fault = ownershipFault(object, draft, raws, ALONE);
  if (fault !== undefined) return fault;
  draft.set(object);
  raws.add(object);
  return undefined;
}
