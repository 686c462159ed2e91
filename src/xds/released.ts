import type { Answer } from './frame.ts';
import type { Store } from './store.ts';
import type { Subscription } from './subscription.ts';

/**
 * State of the world: names that a client has let go of since it took its version, or may have refused. It keeps that
 * version, which so says too much: of these names the client holds nothing, or something else, and waits for them where it
 * asks for one again, be it on its next stream.
 */

/** Of as many clients and types; who let go longer ago than all of them is trusted again. */
const MOST_CLIENTS = 10_000;
/** More names than these stand for everything. */
const MOST_NAMES = 1000;

const EVERYTHING = '*';
const NONE: ReadonlySet<string> = new Set();

const ALL: ReadonlySet<string> = new Set([EVERYTHING]);

const unanswered = new WeakMap<Store, Map<string, readonly Answer[]>>();
const stores = new WeakMap<Store, Map<string, Set<string>>>();

/** Notes that the client does not hold these any more, until it takes an answer that is yet to be sent. */
export function release(sub: Subscription, store: Store, names: ReadonlySet<string>): void {
  if (sub.client === '' || names.size === 0) return;
  const clients = stores.get(store) ?? new Map<string, Set<string>>();
  stores.set(store, clients);
  const key = `${sub.type} ${sub.client}`;
  const released = clients.get(key) ?? new Set<string>();
  clients.delete(key);
  clients.set(key, released);
  if (released.size + names.size > MOST_NAMES) released.add(EVERYTHING);
  else for (const name of names) released.add(name);
  sub.releases(released);
  const [oldest] = clients.keys();
  if (clients.size > MOST_CLIENTS && oldest !== undefined) clients.delete(oldest);
}

/** Notes, where its stream ends, what the client was sent and has not answered: it may have refused that. */
export function noteUnanswered(sub: Subscription, store: Store): void {
  if (sub.client === '' || sub.whole || sub.outstanding.size < 2) return;
  const clients = unanswered.get(store) ?? new Map<string, readonly Answer[]>();
  unanswered.set(store, clients);
  const key = `${sub.type} ${sub.client}`;
  clients.delete(key);
  clients.set(
    key,
    [...sub.outstanding.values()].map(({ answer }) => answer),
  );
  const [oldest] = clients.keys();
  if (clients.size > MOST_CLIENTS && oldest !== undefined) clients.delete(oldest);
}

/** The names that the client may have taken or not of what an answer brought; `*` for all. */
export function uncertain(sub: Subscription, store: Store, answer: Answer): ReadonlySet<string> {
  if (!sub.whole) return new Set(answer.names);
  // What is listed and has not changed is not new to it.
  const changes = store.since(answer.type, answer.from);
  return changes === undefined ? ALL : new Set(changes.keys());
}

/** Who names the version of an unanswered answer took that one; of those before it nobody knows. A list of everything leaves no doubt. */
function releaseUnanswered(sub: Subscription, store: Store, version: string): void {
  const key = `${sub.type} ${sub.client}`;
  const answers = unanswered.get(store)?.get(key);
  if (answers === undefined) return;
  unanswered.get(store)?.delete(key);
  const taken = answers.findLastIndex((answer) => answer.version === version);
  for (const answer of answers.slice(0, Math.max(0, taken))) release(sub, store, uncertain(sub, store, answer));
}

/**
 * To be called with the first request of a type.
 * @param version what the client says it took last
 * @returns what the client does not hold, whatever its version says; `*` for all
 */
export function releasedBefore(sub: Subscription, store: Store, version: string): ReadonlySet<string> {
  releaseUnanswered(sub, store, version);
  const released = sub.client === '' ? undefined : stores.get(store)?.get(`${sub.type} ${sub.client}`);
  if (released === undefined || released.size === 0) return NONE;
  sub.releases(released);
  return released;
}
