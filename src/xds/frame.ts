import type { Resource } from './resource.ts';
import type { Store } from './store.ts';
import type { TypeUrl } from './types.ts';

/** What an answer was about, without its bytes: kept until the client has said what it made of it. */
export interface Answer {
  readonly type: TypeUrl;
  readonly version: string;
  readonly nonce: string;
  /**
   * It covers the publications after `from`, up to `seq`; {@link EVERYTHING} where it holds something that the client
   * has newly asked for, of whatever age.
   */
  readonly from: number;
  readonly seq: number;
  /** The resources in it, and those that it takes away. */
  readonly names: readonly string[];
}

/** One answer as it goes over the wire. Streams that need the same one share it, nonce and all: a nonce is unique within its stream. */
export interface Frame {
  readonly answer: Answer;
  readonly bytes: Buffer;
  /** What has to follow it: endpoints after their cluster. */
  readonly followers: readonly Follower[];
}

export type Follower = NonNullable<Resource['follower']>;

/** Before the first publication. */
export const EVERYTHING = -1;

let nonces = 0;

/** A nonce that no other frame of this process has. */
export function nextNonce(): string {
  nonces++;
  return nonces.toString(36);
}

export function followersOf(resources: Iterable<Resource>): readonly Follower[] {
  const followers: Follower[] = [];
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

  /** The frames kept under `key`, or those that `make` makes; without a key nothing is kept. */
  shared(key: string | undefined, make: () => readonly Frame[]): readonly Frame[] {
    if (key === undefined) return make();
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
