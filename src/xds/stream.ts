import type { ErrorDetail, NodeInfo } from './codec.ts';
import { readDeltaRequest, readNode, readSotwRequest } from './codec.ts';
import { applyDelta, nextDelta } from './delta.ts';
import type { Frame, FrameCache } from './frame.ts';
import { mayAdd, mayRemove } from './order.ts';
import { applySotw, nextSotw } from './sotw.ts';
import type { Store } from './store.ts';
import { Subscription } from './subscription.ts';
import { sendPlace, type TypeUrl } from './types.ts';

export type Variant = 'delta' | 'sotw';

/** What a stream is connected to: the content of its node's group, and someone who is told what becomes of it. */
export interface Attachment {
  readonly store: Store;
  readonly frames: FrameCache;
  readonly observer: StreamObserver;
}

export interface StreamObserver {
  sent(frame: Frame): void;
  acked(frame: Frame): void;
  rejected(frame: Frame, error: ErrorDetail): void;
  /** Everything up to publication `seq` has been sent and answered. */
  settled(seq: number): void;
  closed(): void;
}

export interface StreamOptions {
  readonly variant: Variant;
  /** The one type of a single-type service; undefined for ADS. */
  readonly onlyType?: TypeUrl | undefined;
  /** Called with the node of the first request. @throws Error to turn the stream away */
  attach(node: NodeInfo): Attachment;
  /** Hands bytes to the transport; false where it would rather have no more before {@link XdsStream.drained}. */
  write(bytes: Buffer): boolean;
  /** Ends the stream; the client comes back and says what it holds. */
  restart(reason: string): void;
}

/** A client that breaks the protocol; the stream ends with INVALID_ARGUMENT and these words. */
export class ProtocolError extends Error {}

/** Answers of one type under way at most; past that a stream waits, and changes meanwhile melt into one. */
const MOST_IN_FLIGHT = 8;
const MOST_TYPES = 64;
const MOST_NAMES = 1_000_000;
/** After this long without an answer later types no longer wait, milliseconds: one name that does not resolve must not hold up the rest. */
const PATIENCE = 2000;

/**
 * One discovery stream: reads requests, keeps a subscription for each type, and sends what is due in the order of
 * {@link sendPlace}, later types after the earlier ones are acknowledged, removals when nothing refers to them any more.
 */
export class XdsStream {
  readonly #options: StreamOptions;
  readonly #subscriptions = new Map<TypeUrl, Subscription>();
  #ordered: Subscription[] = [];
  #attachment: Attachment | undefined;
  #unlisten: (() => void) | undefined;
  #blocked = false;
  #closed = false;
  #settledSeq = -1;
  #settled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** @throws ProtocolError */
  receive(bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#options.variant === 'delta') this.#delta(bytes);
    else this.#sotw(bytes);
    this.#pump();
  }

  /** The transport takes more again. */
  drained(): void {
    this.#blocked = false;
    this.#pump();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unlisten?.();
    this.#attachment?.observer.closed();
  }

  #delta(bytes: Buffer): void {
    const request = decode(() => readDeltaRequest(bytes));
    const [sub, store, first] = this.#subscription(request.typeUrl, request.node);
    if (request.nonce !== '') this.#answered(sub, request.nonce, request.error);
    checkNames(request.subscribe.length + sub.names.size);
    applyDelta(sub, store, request, first);
  }

  #sotw(bytes: Buffer): void {
    const request = decode(() => readSotwRequest(bytes));
    const [sub, store, first] = this.#subscription(request.typeUrl, request.node);
    const answer = sub.lastNonce !== '' && request.nonce !== '';
    if (answer) this.#answered(sub, request.nonce, request.error);
    // Superseded by an answer that is under way; the client will say it again ("Resource updates").
    if (answer && request.nonce !== sub.lastNonce) return;
    checkNames(request.names.length);
    applySotw(sub, store, request, first);
  }

  #subscription(typeUrl: TypeUrl, node: Buffer | undefined): [Subscription, Store, boolean] {
    const { onlyType } = this.#options;
    if (onlyType !== undefined && typeUrl !== '' && typeUrl !== onlyType) throw new ProtocolError(`this service speaks ${onlyType}, not ${typeUrl}`);
    const type = onlyType ?? typeUrl;
    if (type === '') throw new ProtocolError('the request has no type_url');
    const { store } = this.#attach(node);
    const known = this.#subscriptions.get(type);
    if (known !== undefined) return [known, store, false];
    if (this.#subscriptions.size >= MOST_TYPES) throw new ProtocolError(`more than ${MOST_TYPES} types on one stream`);
    const sub = new Subscription(type, store);
    this.#subscriptions.set(type, sub);
    this.#ordered = [...this.#subscriptions.values()].toSorted((a, b) => (sendPlace(a.type) ?? -1) - (sendPlace(b.type) ?? -1));
    return [sub, store, true];
  }

  #attach(node: Buffer | undefined): Attachment {
    if (this.#attachment !== undefined) return this.#attachment;
    if (node === undefined) throw new ProtocolError('the first request of a stream must carry the node');
    const info = decode(() => readNode(node));
    if (info.id === '') throw new ProtocolError('node.id is empty: start Envoy with --service-node, or set node.id in its bootstrap');
    const attachment = this.#options.attach(info);
    this.#attachment = attachment;
    this.#unlisten = attachment.store.onAnnounce(() => this.#pump());
    return attachment;
  }

  /** An acknowledgement, or a rejection where it carries an error ("ACK and NACK"); a nonce of before is nobody's. */
  #answered(sub: Subscription, nonce: string, error: ErrorDetail | undefined): void {
    const entry = sub.outstanding.get(nonce);
    if (entry === undefined) return;
    // State of the world: answering one answers those before it.
    if (this.#options.variant === 'sotw') {
      for (const earlier of sub.outstanding.keys()) {
        if (earlier === nonce) break;
        sub.outstanding.delete(earlier);
      }
    }
    sub.outstanding.delete(nonce);
    if (error === undefined) {
      sub.rejection = undefined;
      this.#attachment?.observer.acked(entry.frame);
    } else {
      sub.rejection = { frame: entry.frame, error };
      this.#attachment?.observer.rejected(entry.frame, error);
    }
  }

  #pump(): void {
    const attachment = this.#attachment;
    if (attachment === undefined || this.#closed) return;
    const { store } = attachment;
    let wait = Number.POSITIVE_INFINITY;
    const now = Date.now();
    for (const sub of this.#ordered) {
      if (this.#blocked || this.#closed) return;
      if (sub.outstanding.size >= MOST_IN_FLIGHT) continue;
      const delay = mayAdd(sub, this.#ordered, now, PATIENCE);
      if (delay > 0) {
        wait = Math.min(wait, delay);
        continue;
      }
      const removals = mayRemove(sub, this.#ordered, store.seq);
      if (sub.cursor === store.seq && (!removals || sub.removalCursor === store.seq) && sub.fresh.size === 0 && !sub.all && !sub.owed) continue;
      this.#send(sub, attachment, removals);
    }
    // What held back removals in the first round may be done with in the second.
    for (const sub of this.#ordered) {
      if (this.#blocked || this.#closed || sub.removalCursor === store.seq || sub.outstanding.size >= MOST_IN_FLIGHT) continue;
      if (sub.cursor === store.seq && mayRemove(sub, this.#ordered, store.seq)) this.#send(sub, attachment, true);
    }
    this.#wakeIn(wait);
    this.#settle(store.seq);
  }

  #send(sub: Subscription, { store, frames, observer }: Attachment, removals: boolean): void {
    const next = this.#options.variant === 'delta' ? nextDelta : nextSotw;
    const made = next(sub, store, frames, removals);
    if (made === undefined) {
      this.close();
      this.#options.restart('the stream lags too far behind');
      return;
    }
    for (const frame of made) {
      sub.outstanding.set(frame.nonce, { frame, at: Date.now() });
      sub.lastNonce = frame.nonce;
      if (!this.#options.write(frame.bytes)) this.#blocked = true;
      observer.sent(frame);
      for (const { type, name } of frame.followers) {
        const follower = this.#subscriptions.get(type);
        if (follower?.covers(name)) follower.fresh.add(name);
      }
    }
  }

  #wakeIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (Number.isFinite(milliseconds)) this.#timer = setTimeout(() => this.#pump(), milliseconds);
  }

  #settle(seq: number): void {
    for (const sub of this.#ordered) {
      if (sub.settled(seq)) continue;
      this.#settled = false;
      return;
    }
    if (this.#settled && seq === this.#settledSeq) return;
    this.#settled = true;
    this.#settledSeq = seq;
    this.#attachment?.observer.settled(seq);
  }
}

function decode<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ProtocolError('the request is not a discovery request', { cause });
  }
}

function checkNames(count: number): void {
  if (count > MOST_NAMES) throw new ProtocolError(`more than ${MOST_NAMES} names in one subscription`);
}
