import { applyDelta, nextDelta } from './delta.ts';
import type { Frame } from './frame.ts';
import { FrameCache } from './frame.ts';
import { makeResource, type Resource } from './resource.ts';
import { applySotw, nextSotw } from './sotw.ts';
import { type Edit, Store } from './store.ts';
import { Subscription } from './subscription.ts';
import type { TypeUrl } from './types.ts';

/** What the tests of this room have in common. */

export function resource(type: TypeUrl, name: string, content: string, follower?: Resource['follower']): Resource {
  return makeResource(type, name, Buffer.from(content), follower);
}

/** A resource to hold; without content, one to let go. */
export function edit(type: TypeUrl, name: string, content: string | null): Edit {
  return { type, name, resource: content === null ? null : resource(type, name, content) };
}

/** A store with one resource of the type for each name, of the content given. */
export function storeWith(type: TypeUrl, contents: Readonly<Record<string, string>>): Store {
  const store = new Store();
  store.publish(Object.entries(contents).map(([name, content]) => edit(type, name, content)));
  return store;
}

/** What a subscription made by this first request is sent, and after it. */
export class Delta {
  readonly sub: Subscription;
  readonly #store: Store;
  readonly #frames: FrameCache;

  constructor(
    store: Store,
    type: TypeUrl,
    request: { subscribe?: string[]; unsubscribe?: string[]; initialVersions?: Map<string, string> } = {},
    frames = new FrameCache(store),
  ) {
    this.#store = store;
    this.#frames = frames;
    this.sub = new Subscription(type, store);
    this.request(request, true);
  }

  request(
    { subscribe = [], unsubscribe = [], initialVersions = new Map() }: { subscribe?: string[]; unsubscribe?: string[]; initialVersions?: Map<string, string> },
    first = false,
  ): void {
    applyDelta(this.sub, this.#store, { typeUrl: this.sub.type, node: undefined, nonce: '', error: undefined, subscribe, unsubscribe, initialVersions }, first);
  }

  next(removeTo = this.#store.seq): readonly Frame[] | undefined {
    return noted(this.sub, nextDelta(this.sub, this.#store, this.#frames, removeTo));
  }
}

export class Sotw {
  readonly sub: Subscription;
  readonly #store: Store;
  readonly #frames: FrameCache;

  constructor(store: Store, type: TypeUrl, names: string[] = [], versionInfo = '', frames = new FrameCache(store)) {
    this.#store = store;
    this.#frames = frames;
    this.sub = new Subscription(type, store);
    this.request(names, versionInfo, true);
  }

  request(names: string[], versionInfo = '', first = false): void {
    applySotw(this.sub, this.#store, { typeUrl: this.sub.type, node: undefined, nonce: '', error: undefined, names, versionInfo }, first);
  }

  next(removeTo = this.#store.seq): readonly Frame[] | undefined {
    return noted(this.sub, nextSotw(this.sub, this.#store, this.#frames, removeTo));
  }
}

function noted(sub: Subscription, frames: readonly Frame[] | undefined): readonly Frame[] | undefined {
  for (const frame of frames ?? []) sub.sent(frame, 0);
  return frames;
}

/** The names in answers, sorted. */
export function namesIn(frames: readonly Frame[] | undefined): string[] | undefined {
  return frames?.flatMap(({ answer }) => answer.names).toSorted();
}
