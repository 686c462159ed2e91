import type { Store } from './store.ts';
import type { Subscription } from './subscription.ts';

/**
 * State of the world: names that a client has let go of since it took its version. It keeps that version, which so says
 * too much: of these names the client holds nothing, and waits for them where it asks for one again, be it on its next stream.
 */

/** Of as many clients and types; who let go longer ago than all of them is trusted again. */
const MOST_CLIENTS = 10_000;
/** More names than these stand for everything. */
const MOST_NAMES = 1000;

const EVERYTHING = '*';
const NONE: ReadonlySet<string> = new Set();

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

/**
 * To be called with the first request of a type.
 * @returns what the client does not hold, whatever its version says; `*` for all
 */
export function releasedBefore(sub: Subscription, store: Store): ReadonlySet<string> {
  const released = sub.client === '' ? undefined : stores.get(store)?.get(`${sub.type} ${sub.client}`);
  if (released === undefined || released.size === 0) return NONE;
  sub.releases(released);
  return released;
}
