import { isDeepStrictEqual } from 'node:util';
import { EnvoyageError, type FieldError } from '../../lib/errors.ts';
import type { Committed, Edit } from '../../model/edit.ts';
import { keyOf, kindOf, nameOf, splitKey } from '../../model/kinds.ts';
import type { Change } from '../../model/revision.ts';
import { documentOf } from '../../model/schemas.ts';
import type { ServicesPort } from '../ports.ts';
import type { ObjectResult } from '../types.ts';
import type { Sent } from './read.ts';
import { document } from './show.ts';

/** Edits, and for each where what it is about stands in what was sent; undefined for what nobody sent. */
export interface Plan {
  readonly edits: readonly Edit[];
  readonly pointers: readonly (string | undefined)[];
}

/**
 * The edits that lead from what is there to what was sent. What is to change goes first and comes back after that, so that
 * objects can swap what only one of them may have: a host, an address.
 * @param gone keys of what is to go
 */
export function plan(objects: Pick<ServicesPort, 'object'>, wanted: readonly (Pick<Sent, 'wish'> & Partial<Sent>)[], gone: readonly string[]): Plan {
  const edits: Edit[] = [];
  const pointers: (string | undefined)[] = [];
  const add = (edit: Edit, pointer?: string): void => {
    edits.push(edit);
    pointers.push(pointer);
  };
  for (const key of gone) add({ op: 'remove', key });
  for (const { wish, pointer } of wanted) {
    const current = objects.object(keyOf(wish));
    if (current !== undefined && !isDeepStrictEqual(documentOf(current), documentOf(wish))) add({ op: 'remove', key: keyOf(wish) }, pointer);
  }
  for (const { wish, origin, pointer } of wanted) add({ op: 'apply', wish, origin }, pointer);
  return { edits, pointers };
}

/** What a commit of the plan threw, with pointers into what was sent and the place where it was said. */
export function placed(thrown: unknown, { pointers, edits }: Plan, sent: readonly Sent[]): unknown {
  if (!(thrown instanceof EnvoyageError)) return thrown;
  const { code, hint, cause } = thrown;
  let message = thrown.message;
  const errors = thrown.errors.map((error): FieldError => {
    const [, index = '0', rest = ''] = edits.length > 1 ? (/^\/(\d+)(.*)$/s.exec(error.field) ?? []) : [undefined, '0', error.field];
    const pointer = pointers[Number(index)];
    const origin = sent.find((each) => each.pointer === pointer)?.origin;
    if (origin !== undefined && message === thrown.message) message = `${origin}: ${thrown.message}`;
    return { field: pointer === undefined ? '' : pointer + rest, message: error.message };
  });
  return new EnvoyageError(code, message, { hint, cause, errors });
}

/**
 * What became of each object: those that are there, then those that went.
 * @param order of the keys of those that were sent
 */
export function results({ objects, changes }: Committed, order: readonly string[] = []): ObjectResult[] {
  const places = new Map(order.map((key, place) => [key, place]));
  const inOrder = objects.toSorted((a, b) => (places.get(keyOf(a)) ?? 0) - (places.get(keyOf(b)) ?? 0));
  const changed = new Map(changes.map((change) => [change.id, change]));
  const kept = inOrder.map((object): ObjectResult => {
    const key = keyOf(object);
    const change = changed.get(key);
    return change === undefined ? { kind: kindOf(object), name: nameOf(object), result: 'unchanged' } : resultOf(change);
  });
  return [...kept, ...changes.filter(({ after }) => after === null).map(resultOf)];
}

export function resultOf({ id, before, after }: Change): ObjectResult {
  const [kind, name] = splitKey(id);
  const result = before === null ? 'created' : after === null ? 'deleted' : 'changed';
  return { kind, name, result, ...(before === null ? {} : { before: document(before) }), ...(after === null ? {} : { after: document(after) }) };
}
