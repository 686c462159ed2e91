import type { Edit } from '../model/edit.ts';
import type { Change } from '../model/revision.ts';
import { type Service, type StoredService, sameService } from '../model/service.ts';
import * as refusal from './refusals.ts';
import { Draft, type State } from './state.ts';

/** What the revision that comes of the edits will be called. */
export interface Stamp {
  readonly revision: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly author: string;
}

/** What edits come to. */
export interface Outcome {
  readonly draft: Draft;
  /** One a service, from before the first edit to after the last; none where everything already was as wished. */
  readonly changes: readonly Change[];
  /** The services that the edits named, each once, in the order of the edits, without the deleted ones. */
  readonly services: readonly StoredService[];
}

/**
 * Applies edits to a draft of the state, each upon what the ones before it left.
 * @throws EnvoyageError service-exists, host-taken, service-not-found, precondition-failed, invalid-request (an update that
 * changes the id), and whatever an update's `change` throws
 */
export function applyEdits(state: State, edits: readonly Edit[], stamp: Stamp): Outcome {
  const draft = new Draft(state);
  /** The index of the edit that last wrote a service, to name it where a later one collides. */
  const writtenAt = new Map<string, number>();
  const named = new Set<string>();

  edits.forEach((edit, index) => {
    const at = { index, of: edits.length };
    const id = 'id' in edit ? edit.id : edit.service.id;
    const current = draft.get(id);
    named.add(id);
    if (edit.op === 'delete') {
      if (current === undefined) throw refusal.notFound(id, draft, at);
      refusal.unlessExpected(id, current, edit.expect, at);
      draft.delete(id);
      return;
    }
    const wish = wishOf(wished(edit, current, draft, writtenAt, at));
    if (current !== undefined && sameService(current, wish)) return;
    const rival = draft.rivalOf(wish);
    if (rival !== undefined) throw refusal.hostTaken(wish, rival, writtenAt.get(rival.id), at);
    const createdAt = state.get(id)?.createdAt ?? stamp.time;
    draft.set({ ...wish, revision: stamp.revision, createdAt, updatedAt: stamp.time, updatedBy: stamp.author });
    writtenAt.set(id, index);
  });

  const changes = settle(draft);
  const services = [...named].flatMap((id) => draft.get(id) ?? []);
  return { draft, changes, services };
}

/** What a create, put or update wants the service to be, its conditions checked. */
function wished(
  edit: Exclude<Edit, { op: 'delete' }>,
  current: StoredService | undefined,
  draft: Draft,
  writtenAt: ReadonlyMap<string, number>,
  at: refusal.Place,
): Service {
  if (edit.op === 'create') {
    if (current !== undefined) throw refusal.exists(current, edit.service, writtenAt.get(current.id), at);
    return edit.service;
  }
  if (edit.op === 'put') {
    refusal.unlessExpected(edit.service.id, current, edit.expect, at);
    return edit.service;
  }
  if (current === undefined) throw refusal.notFound(edit.id, draft, at);
  refusal.unlessExpected(edit.id, current, edit.expect, at);
  const service = edit.change(current);
  if (service.id !== edit.id) throw refusal.idChanged(edit.id, service.id, at);
  return service;
}

/** What the draft comes to; a service that ended as it began goes back to being the very object it was. */
function settle(draft: Draft): Change[] {
  const changes: Change[] = [];
  for (const id of draft.touched.keys()) {
    const before = draft.base.get(id);
    const after = draft.get(id);
    if (before !== undefined && after !== undefined && sameService(before, after)) draft.set(before);
    else if (before !== after) changes.push({ id, before: before === undefined ? null : wishOf(before), after: after === undefined ? null : wishOf(after) });
  }
  return changes;
}

/** What people said, without what the registry adds to it. */
export function wishOf(service: Service): Service {
  const { revision: _revision, createdAt: _createdAt, updatedAt: _updatedAt, updatedBy: _updatedBy, ...wish } = service as Service & Partial<StoredService>;
  return wish;
}
