import type { Demand } from './aliases.ts';
import { type Answer, EVERYTHING, type Frame } from './frame.ts';
import type { Lease } from './lease.ts';
import { NameSet } from './name-set.ts';
import { Parked } from './parked.ts';
import type { Rejection } from './rejection.ts';
import { type Resource, type Sum, sumWith, sumWithout } from './resource.ts';
import type { Deltas, Store } from './store.ts';
import { isWhole, type TypeUrl } from './types.ts';

/** An answer that the client has not taken or refused yet. */
export interface Outstanding {
  readonly answer: Answer;
  /** Monotonic, milliseconds. */
  readonly at: number;
  /** Counts up within the subscription. */
  readonly order: number;
}

/** As many unanswered answers are remembered; a client that owes more than these has given up answering. */
const MOST_OUTSTANDING = 256;

/**
 * What one stream asked for of one type, and what it was sent. Instead of a list of all that it holds it keeps how far it
 * has come in the store's publications, plus the exceptions.
 */
export class Subscription {
  readonly type: TypeUrl;
  /** The `node.id` of the client; empty where nobody needs to know. */
  client = '';
  /**
   * All resources of the type. A state of its own, never inferred from an empty set of names (xds_protocol.rst, "How the
   * client specifies what resources to return").
   */
  wildcard = false;
  /** State of the world: a name, or `*`, was asked for at some time, so that an empty list means nothing. */
  everNamed = false;
  /** State of the world: names (or `*`) that a superseded request did not list any more. */
  readonly dropped = new Set<string>();
  /** Delta: the wildcard was asked for by its name, not by saying nothing. */
  wildcardNamed = false;
  /** The names asked for, the wildcard apart. */
  readonly names = new NameSet();
  /** State of the world: the list of the last request, which nearly always is the one of the next. */
  list: readonly string[] | undefined;
  /** The client said that it holds something of the type: it was here before. */
  returning = false;
  /** New and changed resources of publications up to this one have been sent. */
  cursor: number;
  /** Removals of publications up to this one have been sent; they may lag behind, see the send order. */
  removalCursor: number;
  /** Everything asked for is to be sent, whatever the cursor says. */
  all = false;
  /** Names to be sent, or answered as not there, whatever the cursor says. */
  readonly fresh = new NameSet();
  /** Names that the client came back with and that are not there any more: removals from before publication `startedAt`. */
  readonly gone = new Set<string>();
  /** State of the world: the resources of those names, which stay in the whole for so long. */
  kept: Map<string, Resource> | undefined;
  readonly startedAt: number;
  /** Where names have aliases: which were asked for, and what is held because of it. */
  demand: Demand | undefined;
  /** An answer is owed even where it holds nothing. */
  owed = false;
  /** Sent and neither acknowledged nor rejected, by nonce, oldest first. */
  readonly outstanding = new Map<string, Outstanding>();
  lastNonce = '';
  rejection: Rejection | undefined;
  /** That of it which is remembered beyond the stream. */
  notedRejection: Rejection | undefined;
  /** Where the client drops what it is sent after a time. */
  lease: Lease | undefined;
  /** State of the world: what was refused of what is listed whole. */
  parked = new Parked();
  /** State of the world: the sum of the last answer that listed everything. */
  wholeSent: Sum | undefined;
  /** The order of the newest answer that was refused. */
  rejectedOrder = 0;
  /** Since when additions wait for earlier types, monotonic milliseconds; undefined where none do. */
  waitingSince: number | undefined;
  #sent = 0;
  #newestSerial = 0;
  #sum: Sum | undefined;
  /** State of the world: what the client let go of, until it takes an answer that was sent after as many as these. */
  #released: { readonly names: Set<string>; readonly after: number } | undefined;

  constructor(type: TypeUrl, store: Store) {
    this.type = type;
    this.startedAt = store.seq;
    this.cursor = store.seq;
    this.removalCursor = store.seq;
  }

  covers(name: string): boolean {
    return this.wildcard || this.names.has(name) || this.demand?.held.has(name) === true;
  }

  /** To be called when what is covered changed. */
  forgetSum(): void {
    this.#sum = undefined;
  }

  /** The sum over what the store holds of the names asked for, as of the cursor; for the version of an answer. */
  sum(store: Store): Sum {
    if (this.wildcard) return store.sum(this.type);
    this.#sum ??= this.#names(store);
    return this.#sum;
  }

  /** Brings the sum up to date with the publications after the cursor, at the cost of what they changed. */
  followSum(store: Store, changes: Deltas): void {
    if (this.#sum === undefined || this.wildcard) return;
    for (const [name, { before }] of changes) {
      if (!this.names.has(name)) continue;
      const after = store.get(this.type, name);
      if (before !== undefined) this.#sum = sumWithout(this.#sum, before);
      if (after !== undefined) this.#sum = sumWith(this.#sum, after.digest);
    }
  }

  /** State of the world: the client came back and holds what there was as of these publications, the sum over it as well. */
  resume(cursor: number, removalCursor: number, sum: Sum): void {
    this.cursor = cursor;
    this.removalCursor = removalCursor;
    this.#sum = sum;
    this.all = false;
    this.fresh.clear();
  }

  /** State of the world: the version that the client has covers these names, and it does not hold them any more. */
  releases(names: Set<string>): void {
    this.#released = { names, after: this.#sent };
  }

  /** State of the world: the client took an answer; a later one than its release covers what it holds. */
  took(order: number): void {
    if (this.#released === undefined || order <= this.#released.after) return;
    this.#released.names.clear();
    this.#released = undefined;
  }

  /** Moves the cursors past publications that hold nothing of this type. */
  passOver(store: Store): void {
    const touched = store.touched(this.type);
    if (this.cursor >= touched) this.cursor = store.seq;
    if (this.removalCursor >= touched) this.removalCursor = store.seq;
  }

  /**
   * Notes that the client has been sent all that it is to get.
   * @param seq as of this publication
   * @param removeTo removals up to this one were among it
   */
  servedUpTo(seq: number, removeTo: number): void {
    this.cursor = seq;
    this.removalCursor = Math.max(this.removalCursor, removeTo);
    if (this.startedAt <= removeTo) {
      this.gone.clear();
      this.kept = undefined;
    }
    this.fresh.clear();
    this.all = false;
    this.owed = false;
    this.waitingSince = undefined;
  }

  /** What is to be sent now is not only what changed; an answer with it covers everything. */
  get asksAnew(): boolean {
    return this.all || this.owed || this.fresh.size > 0 || this.demand?.compare === true;
  }

  /** A frame that another stream was sent may be sent here as well: it is newer than any sent here, so that no nonce comes twice. */
  mayTake(frames: readonly Frame[]): boolean {
    return frames.every(({ serial }) => serial > this.#newestSerial);
  }

  /** The client cannot hold it: it came and went since the client was last sent something. */
  neverSent(name: string, changes: Deltas): boolean {
    const change = changes.get(name);
    return this.cursor === this.removalCursor && change !== undefined && change.before === undefined && !this.gone.has(name);
  }

  /** Notes an answer that went out. */
  sent({ answer, serial }: Pick<Frame, 'answer' | 'serial'>, at: number): void {
    this.#sent++;
    this.#newestSerial = serial;
    this.outstanding.set(answer.nonce, { answer, at, order: this.#sent });
    this.lastNonce = answer.nonce;
    const [oldest] = this.outstanding.keys();
    if (this.outstanding.size > MOST_OUTSTANDING && oldest !== undefined) this.outstanding.delete(oldest);
  }

  /** Notes a heartbeat that went out: it says nothing new, and nothing waits for its answer. */
  beat({ answer, serial }: Pick<Frame, 'answer' | 'serial'>, at: number): void {
    this.#newestSerial = serial;
    this.lastNonce = answer.nonce;
    this.lease?.sent(answer.nonce, at);
  }

  /** Something new, changed or asked for is to be sent as of publication `seq`. */
  hasAdditions(seq: number): boolean {
    return this.cursor < seq || this.asksAnew;
  }

  /** Something is to be taken away that may be, where removals up to publication `seq` may go out. */
  hasRemovals(seq: number): boolean {
    return this.removalCursor < seq || (this.gone.size > 0 && this.startedAt <= seq);
  }

  /** All that the client asked for as of publication `seq` has been sent, removals apart, and every answer is in. */
  upToDate(seq: number): boolean {
    return this.outstanding.size === 0 && !this.hasAdditions(seq);
  }

  /** The client holds what the publications up to this one made of the type, and nothing of before; {@link EVERYTHING} for none. */
  taken(): number {
    if (this.asksAnew || this.gone.size > 0) return EVERYTHING;
    let taken = Math.min(this.cursor, this.removalCursor, this.rejection?.from ?? Number.POSITIVE_INFINITY);
    for (const { answer } of this.outstanding.values()) taken = Math.min(taken, answer.from);
    return taken;
  }

  /** Answers of this type list everything, state-of-the-world variant only. */
  get whole(): boolean {
    return isWhole(this.type);
  }

  #names(store: Store): Sum {
    const { shared } = this.names;
    const known = shared === undefined ? undefined : sums.get(shared);
    if (known?.store === store && known.type === this.type && known.seq === store.seq) return known.sum;
    let sum = 0n;
    for (const name of this.names) {
      const resource = store.get(this.type, name);
      if (resource !== undefined) sum = sumWith(sum, resource.digest);
    }
    if (shared !== undefined) sums.set(shared, { store, type: this.type, seq: store.seq, sum });
    return sum;
  }
}

/** The last sum over names that streams share: when a fleet connects, each of its streams wants the same one. */
const sums = new WeakMap<ReadonlySet<string>, { readonly store: Store; readonly type: TypeUrl; readonly seq: number; readonly sum: Sum }>();
