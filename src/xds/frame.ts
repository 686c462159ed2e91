import type { Resource } from './resource.ts';
import type { Store } from './store.ts';
import type { TypeUrl } from './types.ts';
import { prefixed } from './write.ts';

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
  /** The resources in it, and those that it takes away; without those that stand in for others. */
  readonly names: readonly string[];
  /** State of the world, where it lists everything: the resources. */
  readonly whole?: readonly Resource[];
  /** Names whose newest content is not in it, since the client refused that. */
  readonly withheld?: ReadonlySet<string>;
  /** Where the client drops what it is sent after a time: the resources. */
  readonly leased?: readonly Resource[];
}

/** One answer as it goes over the wire. Streams that need the same one share it, nonce and all: a nonce is unique within its stream. */
export interface Frame {
  readonly answer: Answer;
  /** Counts up within the process. */
  readonly serial: number;
  /** A length-prefixed message. */
  readonly framed: Buffer;
  /** What has to follow it: endpoints after their cluster. */
  readonly followers: readonly Followers[];
}

/** Resources of one type, by name. */
export interface Followers {
  readonly type: TypeUrl;
  readonly names: readonly string[];
}

/** Before the first publication. */
export const EVERYTHING = -1;

let serials = 0;

/** A frame, its nonce one that no other of this process has. */
export function makeFrame(about: Omit<Answer, 'nonce'>, resources: Iterable<Resource>, encode: (nonce: string) => Uint8Array): Frame {
  serials++;
  const nonce = serials.toString(36);
  return { answer: { ...about, nonce }, serial: serials, framed: prefixed(encode(nonce)), followers: followersOf(resources) };
}

export function followersOf(resources: Iterable<Resource>): readonly Followers[] {
  const byType = new Map<TypeUrl, string[]>();
  for (const { follower } of resources) {
    if (follower === undefined) continue;
    const names = byType.get(follower.type);
    if (names === undefined) byType.set(follower.type, [follower.name]);
    else names.push(follower.name);
  }
  return [...byType].map(([type, names]) => ({ type, names }));
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

  /** The frames kept under `key` where they may be taken, or those that `make` makes; without a key nothing is kept. */
  shared(key: string | undefined, mayTake: (frames: readonly Frame[]) => boolean, make: () => readonly Frame[]): readonly Frame[] {
    if (key === undefined) return make();
    if (this.#seq !== this.#store.seq) {
      this.#frames.clear();
      this.#seq = this.#store.seq;
    }
    const kept = this.#frames.get(key);
    if (kept !== undefined && mayTake(kept)) return kept;
    const made = make();
    if (this.#frames.size < MOST_KEPT || kept !== undefined) this.#frames.set(key, made);
    return made;
  }
}
