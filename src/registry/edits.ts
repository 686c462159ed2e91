import type { Edit } from '../model/edit.ts';
import { isDeclared, keyOf, type Stored, type Wish } from '../model/kinds.ts';
import type { Change } from '../model/revision.ts';
import { sameWish } from '../model/same.ts';
import type { StoredService } from '../model/service.ts';
import { wishOf } from '../model/wish-of.ts';
import { said } from '../model/words.ts';
import { checkConsistency } from './consistency.ts';
import * as refusal from './refusals.ts';
import { Draft, type State } from './state.ts';

/** What the revision that comes of the edits will be called. */
export interface Stamp {
  readonly revision: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly author: string;
  /** Whose the objects are; undefined for people's. */
  readonly provider?: string;
}

/** What edits come to. */
export interface Outcome {
  readonly draft: Draft;
  /** One an object, from before the first edit to after the last; none where everything already was as wished. */
  readonly changes: readonly Change[];
  /** Objects that say the same as before, in another place, by key. */
  readonly resaid: ReadonlyMap<string, Stored>;
  /** The objects that the edits named, each once, in the order of the edits, without the deleted ones. */
  readonly objects: readonly Stored[];
}

/**
 * Applies edits to a draft of the state, each upon what the ones before it left.
 * @throws EnvoyageError service-exists, host-taken, service-not-found, object-not-found, precondition-failed, reference-missing,
 * still-in-use, name-taken, address-taken, owned-by-provider, invalid-request (an update that changes the id), and whatever an update's `change` throws
 */
export function applyEdits(state: State, edits: readonly Edit[], stamp: Stamp): Outcome {
  const draft = new Draft(state);
  /** The index of the edit that last wrote an object, to name it where a later one collides. */
  const writtenAt = new Map<string, number>();
  const named = new Map<string, refusal.Place>();

  edits.forEach((edit, index) => {
    const at = { index, of: edits.length };
    const key = keyIn(edit);
    const current = draft.object(key);
    named.set(key, at);
    if (current?.provider !== undefined) throw refusal.ownedByProvider(key, current, at);
    if (edit.op === 'delete' || edit.op === 'remove') {
      if (current === undefined) throw edit.op === 'delete' ? refusal.notFound(key, draft, at) : refusal.objectNotFound(key, at);
      refusal.unlessExpected(key, current, edit.expect, at);
      draft.delete(key);
      return;
    }
    const wish = wishOf(wished(edit, current, draft, writtenAt, at));
    const origin = edit.op === 'apply' ? edit.origin : undefined;
    if (current !== undefined && sameWish(wishOf(current), wish)) {
      if (origin !== undefined && current.origin !== origin) draft.set({ ...current, origin });
      return;
    }
    if (!isDeclared(wish)) {
      const rival = draft.rivalOf(wish);
      if (rival !== undefined) throw refusal.hostTaken(wish, rival, writtenAt.get(rival.id), at);
    }
    const createdAt = state.object(key)?.createdAt ?? stamp.time;
    const about = { revision: stamp.revision, createdAt, updatedAt: stamp.time, updatedBy: stamp.author };
    draft.set({ ...wish, ...about, ...(origin === undefined ? {} : { origin }) });
    writtenAt.set(key, index);
  });

  checkConsistency(draft, (key) => named.get(key) ?? { index: 0, of: 1 });
  return outcomeOf(draft, [...named.keys()]);
}

/** What the draft comes to. @param named the keys of what was edited, in order */
export function outcomeOf(draft: Draft, named: readonly string[]): Outcome {
  return { draft, ...settle(draft), objects: named.flatMap((key) => draft.object(key) ?? []) };
}

function keyIn(edit: Edit): string {
  if ('key' in edit) return edit.key;
  if ('wish' in edit) return keyOf(edit.wish);
  return 'id' in edit ? edit.id : edit.service.id;
}

/** What an edit wants the object to be, its conditions checked. */
function wished(
  edit: Exclude<Edit, { op: 'delete' | 'remove' }>,
  current: Stored | undefined,
  draft: Draft,
  writtenAt: ReadonlyMap<string, number>,
  at: refusal.Place,
): Wish {
  if (edit.op === 'apply') {
    refusal.unlessExpected(keyOf(edit.wish), current, edit.expect, at);
    return edit.wish;
  }
  const service = current as StoredService | undefined;
  if (edit.op === 'create') {
    if (service !== undefined) throw refusal.exists(service, edit.service, writtenAt.get(service.id), at);
    return edit.service;
  }
  if (edit.op === 'put') {
    refusal.unlessExpected(edit.service.id, service, edit.expect, at);
    return edit.service;
  }
  if (service === undefined) throw refusal.notFound(edit.id, draft, at);
  refusal.unlessExpected(edit.id, service, edit.expect, at);
  const changed = edit.change(service);
  if (changed.id !== edit.id) throw refusal.idChanged(edit.id, changed.id, at);
  return changed;
}

/** What changed in the draft; an object that ended as it began goes back to being the very object it was, but for where it was said. */
function settle(draft: Draft): Pick<Outcome, 'changes' | 'resaid'> {
  const changes: Change[] = [];
  const resaid = new Map<string, Stored>();
  for (const key of draft.touched.keys()) {
    const before = draft.base.object(key);
    const after = draft.object(key);
    if (before !== undefined && after !== undefined && sameWish(wishOf(before), wishOf(after))) {
      const { origin = before.origin, provider } = after;
      const isSame = origin === before.origin && provider === before.provider;
      const same = isSame ? before : { ...before, ...said({ origin, provider }) };
      draft.set(same);
      if (same !== before) resaid.set(key, same);
    } else if (before !== after) {
      changes.push({ id: key, before: before === undefined ? null : wishOf(before), after: after === undefined ? null : wishOf(after) });
    }
  }
  return { changes, resaid };
}
