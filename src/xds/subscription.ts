import type { ErrorDetail } from './codec.ts';
import type { Frame } from './frame.ts';
import { type Sum, sumWith, sumWithout } from './resource.ts';
import type { Deltas, Store } from './store.ts';
import { isWhole, type TypeUrl } from './types.ts';

export interface Rejection {
  readonly frame: Frame;
  readonly error: ErrorDetail;
}

/**
 * What one stream asked for of one type, and what it was sent. Instead of a list of all that it holds it keeps how far it
 * has come in the store's publications, plus the exceptions.
 */
export class Subscription {
  readonly type: TypeUrl;
  /**
   * All resources of the type. A state of its own, never inferred from an empty set of names (xds_protocol.rst, "How the
   * client specifies what resources to return").
   */
  wildcard = false;
  /** State of the world: a name, or `*`, was asked for at some time, so that an empty list means nothing. */
  everNamed = false;
  readonly names = new Set<string>();
  /** New and changed resources of publications up to this one have been sent. */
  cursor: number;
  /** Removals of publications up to this one have been sent; they may lag behind, see the send order. */
  removalCursor: number;
  /** Everything asked for is to be sent, whatever the cursor says. */
  all = false;
  /** Names to be sent, or answered as not there, whatever the cursor says. */
  readonly fresh = new Set<string>();
  /** An answer is owed even where it holds nothing. */
  owed = false;
  /** Sent and neither acknowledged nor rejected, by nonce, oldest first. */
  readonly outstanding = new Map<string, { readonly frame: Frame; readonly at: number }>();
  lastNonce = '';
  /** Why the client refused what it was sent last; gone once it acknowledges something newer. */
  rejection: Rejection | undefined;
  #sum: Sum | undefined;

  constructor(type: TypeUrl, store: Store) {
    this.type = type;
    this.cursor = store.seq;
    this.removalCursor = store.seq;
  }

  covers(name: string): boolean {
    return this.wildcard || this.names.has(name);
  }

  /** To be called when what is covered changed. */
  forgetSum(): void {
    this.#sum = undefined;
  }

  /** The sum over what the store holds of the names asked for, now; for the version of an answer. */
  sum(store: Store): Sum {
    if (this.wildcard) return store.sum(this.type);
    this.#sum ??= this.#names(store);
    return this.#sum;
  }

  /** Moves the cursor, keeping the sum right at the cost of what changed. */
  advance(store: Store, changes: Deltas): void {
    this.cursor = store.seq;
    if (this.#sum === undefined || this.wildcard) return;
    for (const [name, { before }] of changes) {
      if (!this.names.has(name)) continue;
      const after = store.get(this.type, name);
      if (before !== undefined) this.#sum = sumWithout(this.#sum, before);
      if (after !== undefined) this.#sum = sumWith(this.#sum, after.digest);
    }
  }

  /** Nothing left to send as of publication `seq`, and every answer in. */
  settled(seq: number): boolean {
    return this.outstanding.size === 0 && this.nothingToSend(seq);
  }

  nothingToSend(seq: number): boolean {
    return this.cursor >= seq && this.removalCursor >= seq && this.fresh.size === 0 && !this.all && !this.owed;
  }

  /** Answers of this type list everything, state-of-the-world variant only. */
  get whole(): boolean {
    return isWhole(this.type);
  }

  #names(store: Store): Sum {
    let sum = 0n;
    for (const name of this.names) {
      const resource = store.get(this.type, name);
      if (resource !== undefined) sum = sumWith(sum, resource.digest);
    }
    return sum;
  }
}
