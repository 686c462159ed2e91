import type { Resource } from './resource.ts';
import type { Store } from './store.ts';
import type { TypeUrl } from './types.ts';

/** One answer as it goes over the wire. Streams that need the same one share it, nonce and all: a nonce is unique within its stream. */
export interface Frame {
  readonly type: TypeUrl;
  readonly version: string;
  readonly nonce: string;
  readonly bytes: Buffer;
  /** The publications it covers: those after `from`, up to `seq`. */
  readonly from: number;
  readonly seq: number;
  readonly resources: number;
  /** What has to follow it: endpoints after their cluster. */
  readonly followers: readonly { readonly type: TypeUrl; readonly name: string }[];
}

let nonces = 0;

/** A nonce that no other frame of this process has. */
export function nextNonce(): string {
  nonces++;
  return nonces.toString(36);
}

export function followersOf(resources: Iterable<Resource>): Frame['followers'] {
  const followers: NonNullable<Resource['follower']>[] = [];
  for (const { follower } of resources) if (follower !== undefined) followers.push(follower);
  return followers;
}

/** How many different frames of one publication are worth keeping for the next stream. */
const MOST_KEPT = 64;

/** The frames made for the newest publication of a store, so that a thousand streams encode it once. */
export class FrameCache {
  readonly #store: Store;
  #seq = -1;
  readonly #frames = new Map<string, readonly Frame[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The frames kept under `key`, or those that `make` makes. */
  shared(key: string, make: () => readonly Frame[]): readonly Frame[] {
    if (this.#seq !== this.#store.seq) {
      this.#frames.clear();
      this.#seq = this.#store.seq;
    }
    const kept = this.#frames.get(key);
    if (kept !== undefined) return kept;
    const made = make();
    if (this.#frames.size < MOST_KEPT) this.#frames.set(key, made);
    return made;
  }
}
