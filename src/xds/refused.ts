import type { AnswerObserver } from './answers.ts';
import type { Parked } from './parked.ts';
import { forgo, type Rejection } from './rejection.ts';
import { release, uncertain } from './released.ts';
import type { Store } from './store.ts';
import type { Subscription } from './subscription.ts';

/**
 * What clients refused, beyond their streams, for as long as the store is there: one that comes back with what it holds is
 * the same as before, would refuse the same again, and must not count as one that holds it. One that holds nothing was
 * started anew, maybe as another version, and is sent everything.
 */

interface Kept {
  readonly rejection: Rejection;
  readonly since: Date;
  /** What was refused, or may have been, as of which publication. */
  readonly names: ReadonlyMap<string, number>;
  /** It is those and no others. */
  readonly sure: boolean;
  readonly parked: Parked;
}

/** Of as many clients and types; who refused longer ago than all of them is sent it once more. */
const MOST = 10_000;

const stores = new WeakMap<Store, Map<string, Kept>>();

/** To be called where the refusal that stands has changed. */
export function noteRefused(sub: Subscription, store: Store, variant: 'delta' | 'sotw'): void {
  const { rejection, client, type } = sub;
  if (client === '') return;
  const clients = stores.get(store) ?? new Map<string, Kept>();
  stores.set(store, clients);
  const key = `${type} ${client}`;
  const before = clients.get(key);
  clients.delete(key);
  if (rejection === undefined) return;
  const { answer, culprits } = rejection;
  const isNew = before?.rejection.answer !== answer;
  // The version that a client keeps, or has of a later answer that was under way, says nothing of what it made of this one.
  if (isNew && variant === 'sotw') release(sub, store, uncertain(sub, store, answer));
  const inAnswer = new Set(answer.names);
  const names = [...(culprits ?? inAnswer)].map((name) => [name, inAnswer.has(name) ? answer.seq : (before?.names.get(name) ?? -1)] as const);
  const sure = culprits !== undefined || inAnswer.size === 1;
  clients.set(key, { rejection, since: isNew ? new Date() : before.since, names: new Map(names), sure, parked: sub.parked });
  const [oldest] = clients.keys();
  if (clients.size > MOST && oldest !== undefined) clients.delete(oldest);
}

/** To be called after the first request of a type was applied: what the client refused before, and has not changed since, is not due. */
export function standBy(sub: Subscription, store: Store, variant: 'delta' | 'sotw', observer: AnswerObserver): void {
  const clients = stores.get(store);
  const key = `${sub.type} ${sub.client}`;
  const kept = clients?.get(key);
  if (kept === undefined) return;
  const rejection = restore(sub, store, variant, kept);
  if (rejection === undefined) clients?.delete(key);
  else observer.stands?.(rejection, kept.since);
}

function restore(sub: Subscription, store: Store, variant: 'delta' | 'sotw', kept: Kept): Rejection | undefined {
  // What lasts for a time only has to be sent once more for that to begin anew; what is asked for on demand is asked for again.
  if (!sub.returning || sub.lease !== undefined || sub.demand !== undefined) return undefined;
  // In the incremental variant the client says itself what it does not hold.
  if (variant === 'sotw' && !kept.sure) return undefined;
  const still = new Set<string>();
  for (const [name, seq] of kept.names) {
    if (!sub.covers(name) || store.get(sub.type, name) === undefined || touched(sub, store, name, seq)) continue;
    if (variant === 'delta' ? sub.fresh.has(name) : !sub.whole || kept.parked.has(name)) still.add(name);
  }
  const rejection = forgo(kept.rejection, (name) => still.has(name));
  if (rejection === undefined) return undefined;
  sub.rejection = rejection;
  if (variant === 'sotw' && sub.whole) sub.parked = kept.parked.of(still);
  if (variant === 'sotw') nameWhatIsDue(sub, store);
  for (const name of still) sub.fresh.delete(name);
  return rejection;
}

/** It was published since, be it as it had been: that is another try. */
function touched({ type }: Subscription, store: Store, name: string, seq: number): boolean {
  if (store.since(type, seq) === undefined) return true;
  const log = store.log(type);
  for (let i = log.length - 1; i >= 0; i--) {
    const entry = log[i];
    if (entry === undefined || entry.seq <= seq) return false;
    if (entry.deltas.has(name)) return true;
  }
  return false;
}

/** Puts what is due because everything is, or because it changed while the client was away, by name, so that some of it can be left out. */
function nameWhatIsDue(sub: Subscription, store: Store): void {
  const changes = store.since(sub.type, sub.cursor);
  if (changes === undefined) return;
  sub.followSum(store, changes);
  const there = (name: string): boolean => sub.covers(name) && store.get(sub.type, name) !== undefined;
  for (const name of sub.all ? store.resources(sub.type).keys() : changes.keys()) if (there(name)) sub.fresh.add(name);
  // Nobody knows what it holds that is gone: it has to be told by a list without it.
  sub.owed = sub.all && sub.whole;
  sub.all = false;
  sub.cursor = store.seq;
}
