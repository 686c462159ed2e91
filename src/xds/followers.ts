import type { Follower } from './frame.ts';
import type { Subscription } from './subscription.ts';
import type { TypeUrl } from './types.ts';

/**
 * What has to follow what was sent: Envoy takes a cluster that is new or changed only with endpoints that come after it,
 * changed or not. One that the client holds already, and says so, is sent again all the same.
 */
export class Followers {
  readonly #subscriptions: ReadonlyMap<TypeUrl, Subscription>;
  /** Of types that the client has not asked for yet. One that comes back asks for clusters first, and for endpoints next. */
  #unmet: (readonly Follower[])[] = [];

  constructor(subscriptions: ReadonlyMap<TypeUrl, Subscription>) {
    this.#subscriptions = subscriptions;
  }

  /** Something was sent that these have to follow. */
  due(followers: readonly Follower[]): void {
    let unmet = false;
    for (const { type, name } of followers) {
      const sub = this.#subscriptions.get(type);
      // What the client has not asked for by name it will, and then it comes anyway.
      if (sub?.covers(name)) sub.fresh.add(name);
      if (sub === undefined) unmet = true;
    }
    if (unmet) this.#unmet.push(followers);
  }

  /** The client asked for a type for the first time. */
  asked(sub: Subscription): void {
    for (const followers of this.#unmet) {
      for (const { type, name } of followers) if (type === sub.type && sub.covers(name)) sub.fresh.add(name);
    }
    this.#unmet = this.#unmet.filter((followers) => followers.some(({ type }) => !this.#subscriptions.has(type)));
  }
}
