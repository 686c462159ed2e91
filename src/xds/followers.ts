import type { Followers as Following } from './frame.ts';
import type { Subscription } from './subscription.ts';
import type { TypeUrl } from './types.ts';

/**
 * What has to follow what was sent: Envoy takes a cluster that is new or changed only with endpoints that come after it,
 * changed or not. One that the client holds already, and says so, is sent again all the same.
 */
export class Followers {
  readonly #subscriptions: ReadonlyMap<TypeUrl, Subscription>;
  /** Of types that the client has not asked for yet. One that comes back asks for clusters first, and for endpoints next. */
  #unmet: Following[] = [];

  constructor(subscriptions: ReadonlyMap<TypeUrl, Subscription>) {
    this.#subscriptions = subscriptions;
  }

  /** Something was sent that these have to follow. */
  due(followers: readonly Following[]): void {
    for (const following of followers) {
      const sub = this.#subscriptions.get(following.type);
      if (sub === undefined) this.#unmet.push(following);
      else follow(sub, following);
    }
  }

  /** The client asked for a type for the first time. */
  asked(sub: Subscription): void {
    for (const following of this.#unmet) if (following.type === sub.type) follow(sub, following);
    this.#unmet = this.#unmet.filter(({ type }) => type !== sub.type);
  }
}

/** What the client has not asked for by name it will, and then it comes anyway, as does all that is to be sent already. */
function follow(sub: Subscription, { names }: Following): void {
  if (sub.all || (!sub.wildcard && sub.fresh.size === sub.names.size)) return;
  if (names.every((name) => sub.covers(name))) {
    sub.fresh.addAll(names);
    return;
  }
  for (const name of names) if (sub.covers(name)) sub.fresh.add(name);
}
