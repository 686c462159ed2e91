import { answered, reviseRejection } from './answers.ts';
import type { Attachment, StreamObserver } from './attachment.ts';
import { type NodeInfo, readDeltaRequest, readNode, readSotwRequest, type SotwRequest } from './codec.ts';
import { applyDelta, nextDelta } from './delta.ts';
import { Followers } from './followers.ts';
import { EVERYTHING } from './frame.ts';
import { heartbeat } from './heartbeat.ts';
import { Lease } from './lease.ts';
import { applyOnDemand, nextOnDemand } from './on-demand.ts';
import { absentReferrersWait, additionsWait, flightWait, isHeldByRejection, removableUpTo } from './order.ts';
import { noteRefused, standBy } from './refused.ts';
import { noteUnanswered } from './released.ts';
import { applySotw, keepHeld, nextSotw, noteStale } from './sotw.ts';
import type { Store } from './store.ts';
import { Subscription } from './subscription.ts';
import { takesTtl } from './ttl-features.ts';
import { sendPlace, type TypeUrl } from './types.ts';

export type Variant = 'delta' | 'sotw';

export interface StreamOptions {
  readonly variant: Variant;
  /** The one type of a single-type service; undefined for ADS. */
  readonly onlyType?: TypeUrl | undefined;
  /** Called with the node of the first request. @throws Error to turn the stream away */
  attach(node: NodeInfo): Attachment;
  /** Hands a length-prefixed message to the transport; false where it would rather have no more before {@link XdsStream.drained}. */
  write(framed: Buffer): boolean;
  /** Ends the stream; the client comes back and says what it holds. */
  restart(reason: string): void;
}

/** A client that breaks the protocol; the stream ends with INVALID_ARGUMENT and these words. */
export class ProtocolError extends Error {
  /** The limit that it went over, where it is that. */
  readonly limit: 'types' | 'names' | undefined;

  constructor(message: string, options?: ErrorOptions & { limit?: 'types' | 'names' }) {
    super(message, options);
    this.limit = options?.limit;
  }
}

const MOST_TYPES = 64;
const MOST_NAMES = 1_000_000;
/** Additions of later types wait as long for the answers to earlier ones, milliseconds. */
export const PATIENCE = 2000;

/**
 * One discovery stream: reads requests, keeps a subscription for each type, and sends what is due in the order of
 * {@link sendPlace}, later types after the earlier ones are acknowledged, removals when nothing refers to them any more.
 */
export class XdsStream {
  readonly #options: StreamOptions;
  readonly #subscriptions = new Map<TypeUrl, Subscription>();
  readonly #followers = new Followers(this.#subscriptions);
  #ordered: Subscription[] = [];
  #attachment: Attachment | undefined;
  #unlisten: (() => void) | undefined;
  /** Where the client takes a time to live, and there is one. */
  #unfollow: (() => void) | undefined;
  readonly #openedAt = performance.now();
  #node = '';
  #blocked = false;
  #closed = false;
  #settledSeq: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** @throws ProtocolError */
  receive(bytes: Buffer): void {
    if (this.#closed) return;
    const back = this.#options.variant === 'delta' ? this.#delta(bytes) : this.#sotw(bytes);
    this.#pump();
    // What a client holds that was away may not last until the next beat.
    if (back !== undefined) this.#beat([back]);
  }

  /** The transport takes more again. */
  drained(): void {
    this.#blocked = false;
    this.#attachment?.observer.blocked?.(false);
    this.#pump();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unlisten?.();
    this.#unfollow?.();
    if (this.#attachment !== undefined && this.#options.variant === 'sotw') for (const sub of this.#ordered) noteUnanswered(sub, this.#attachment.store);
    for (const sub of this.#ordered) this.#attachment?.asked?.(sub.type, sub, []);
    this.#attachment?.observer.closed();
  }

  /** Returns the subscription where the client came back, and holds what does not last. */
  #delta(bytes: Buffer): Subscription | undefined {
    const request = decode(() => readDeltaRequest(bytes));
    const { sub, store, observer, first } = this.#subscription(request.typeUrl, request.node);
    observer.received?.(sub.type, bytes.length);
    if (!this.#beaten(sub, request)) answered(sub, request.nonce, request.error, false, observer);
    checkNames(request.subscribe.length + (sub.demand === undefined ? sub.names.size : 0));
    this.#attachment?.asked?.(sub.type, sub, new Set([...sub.names, ...request.subscribe]).difference(new Set(request.unsubscribe)));
    const aliases = store.aliases(sub.type);
    if (aliases === undefined) applyDelta(sub, store, request, first);
    else applyOnDemand(sub, aliases, request, first);
    if (first) standBy(sub, store, this.#options.variant, observer);
    this.#revise(sub);
    if (first) this.#followers.asked(sub);
    return first && sub.lease !== undefined && sub.returning ? sub : undefined;
  }

  /** The same. */
  #sotw(bytes: Buffer): Subscription | undefined {
    const request = decode(() => readSotwRequest(bytes));
    const { sub, store, observer, first } = this.#subscription(request.typeUrl, request.node);
    observer.received?.(sub.type, bytes.length);
    if (sub.lastNonce !== '' && request.nonce !== '') {
      if (!this.#beaten(sub, request)) answered(sub, request.nonce, request.error, true, observer);
      // Superseded by an answer that is under way; the client will say it again ("Resource updates").
      if (request.nonce !== sub.lastNonce) {
        noteStale(sub, request);
        this.#noteRefused(sub, store);
        return undefined;
      }
    }
    checkNames(request.names.length);
    if (request.names !== sub.list) this.#attachment?.asked?.(sub.type, sub, request.names);
    applySotw(sub, store, this.#attachment?.forgetful ? { ...request, versionInfo: '' } : request, first);
    if (first && request.versionInfo !== '') keepHeld(sub, store, this.#attachment?.heldBefore?.(sub.type, request.versionInfo));
    if (first) standBy(sub, store, this.#options.variant, observer);
    this.#revise(sub);
    if (first) this.#followers.asked(sub);
    return first && sub.lease !== undefined && sub.returning ? sub : undefined;
  }

  #subscription(typeUrl: TypeUrl, node: Buffer | undefined): { sub: Subscription; store: Store; observer: StreamObserver; first: boolean } {
    const { onlyType } = this.#options;
    if (onlyType !== undefined && typeUrl !== '' && typeUrl !== onlyType) throw new ProtocolError(`this service speaks ${onlyType}, not ${typeUrl}`);
    const type = onlyType ?? typeUrl;
    if (type === '') throw new ProtocolError('the request has no type_url');
    const { store, observer } = this.#attach(node);
    const known = this.#subscriptions.get(type);
    if (known !== undefined) return { sub: known, store, observer, first: false };
    if (this.#subscriptions.size >= MOST_TYPES) throw new ProtocolError(`more than ${MOST_TYPES} types on one stream`, { limit: 'types' });
    const sub = new Subscription(type, store);
    const ttl = this.#unfollow === undefined ? undefined : store.ttl(type);
    if (ttl !== undefined) sub.lease = new Lease(ttl);
    sub.client = this.#node;
    this.#subscriptions.set(type, sub);
    // What was settled was so without this type.
    this.#settledSeq = undefined;
    observer.asked(type);
    this.#ordered = [...this.#subscriptions.values()].toSorted((a, b) => (sendPlace(a.type) ?? -1) - (sendPlace(b.type) ?? -1));
    return { sub, store, observer, first: true };
  }

  #attach(node: Buffer | undefined): Attachment {
    if (this.#attachment !== undefined) return this.#attachment;
    if (node === undefined) throw new ProtocolError('the first request of a stream must carry the node');
    const info = nodeIn(node);
    if (info.id === '') throw new ProtocolError('node.id is empty: start Envoy with --service-node, or set node.id in its bootstrap');
    const attachment = this.#options.attach(info);
    this.#node = info.id;
    this.#attachment = attachment;
    this.#unlisten = attachment.store.onAnnounce(() => this.#pump());
    const { pulse } = attachment.store;
    if (pulse !== undefined && takesTtl(info.ttlBits ?? 0, this.#options.variant)) this.#unfollow = pulse.follow(() => this.#beat(this.#ordered));
    return attachment;
  }

  #pump(): void {
    const attachment = this.#attachment;
    if (attachment === undefined || this.#closed) return;
    const now = performance.now();
    for (const sub of this.#ordered) sub.passOver(attachment.store);
    let wait = Number.POSITIVE_INFINITY;
    // What one type was sent, or had not to be sent, may be what another waited for.
    for (let moved = true; moved; ) {
      moved = false;
      wait = Number.POSITIVE_INFINITY;
      for (const sub of this.#ordered) {
        if (this.#blocked || this.#closed) return;
        const delay = this.#advance(sub, attachment, now);
        if (delay === 0) moved = true;
        else wait = Math.min(wait, delay);
      }
    }
    clearTimeout(this.#timer);
    if (Number.isFinite(wait)) this.#timer = setTimeout(() => this.#pump(), wait);
    this.#settle(attachment.store.seq);
  }

  /** Sends what is due of one type: 0 where something was, else the milliseconds after which to look again. */
  #advance(sub: Subscription, attachment: Attachment, now: number): number {
    const { seq } = attachment.store;
    const adds = sub.hasAdditions(seq);
    if (!adds) sub.waitingSince = undefined;
    const [removeTo, removalsWait] = this.#removals(sub, attachment.store, now);
    if (!adds && !sub.hasRemovals(removeTo)) return removalsWait;
    const inFlight = flightWait(sub, now, PATIENCE);
    if (inFlight > 0) return inFlight;
    if (adds) {
      const delay = additionsWait(sub, this.#ordered, seq, now, PATIENCE);
      if (delay > 0) {
        sub.waitingSince ??= now;
        return delay;
      }
    }
    this.#send(sub, attachment, removeTo, now);
    return 0;
  }

  /** Up to which publication removals may go out, and for how long that may be held against those that wait. */
  #removals(sub: Subscription, store: Store, now: number): [removeTo: number, wait: number] {
    const removeTo = Math.min(removableUpTo(sub, this.#ordered), store.seq);
    if (!sub.hasRemovals(removeTo)) return [removeTo, Number.POSITIVE_INFINITY];
    const wait = this.#options.onlyType === undefined ? absentReferrersWait(sub, this.#ordered, now - this.#openedAt, PATIENCE, store) : 0;
    return wait > 0 ? [EVERYTHING, wait] : [removeTo, Number.POSITIVE_INFINITY];
  }

  #send(sub: Subscription, { store, frames, observer }: Attachment, removeTo: number, now: number): void {
    const next = this.#options.variant === 'sotw' ? nextSotw : sub.demand === undefined ? nextDelta : nextOnDemand;
    const made = next(sub, store, frames, removeTo);
    if (made === undefined) {
      observer.overrun?.();
      this.close();
      this.#options.restart('the stream lags too far behind');
      return;
    }
    this.#revise(sub);
    for (const frame of made) {
      const { answer, framed, followers } = frame;
      sub.sent(frame, now);
      this.#write(framed, observer);
      observer.sent(answer, framed.length);
      this.#followers.due(followers);
    }
  }

  /** Renews what the client would drop otherwise. */
  #beat(subs: Iterable<Subscription>): void {
    const attachment = this.#attachment;
    if (attachment === undefined || this.#closed) return;
    const now = performance.now();
    let lapsed = false;
    for (const sub of subs) {
      if (this.#blocked) return;
      if (sub.lease === undefined || sub.outstanding.size > 0) continue;
      if (sub.lease.held.size > 0 && sub.lease.lapsed(now)) {
        for (const name of sub.lease.forfeit()) sub.fresh.add(name);
        lapsed = true;
        continue;
      }
      const frame = heartbeat(sub, attachment.store, attachment.frames, this.#options.variant);
      if (frame === undefined) continue;
      sub.beat(frame, now);
      this.#write(frame.framed, attachment.observer);
      attachment.observer.beat?.(sub.type);
    }
    if (lapsed) this.#pump();
  }

  /** The request answers a heartbeat. What that did not renew is sent whole; it was not refused. */
  #beaten({ lease, fresh }: Subscription, { nonce, error }: Pick<SotwRequest, 'nonce' | 'error'>): boolean {
    const lost = lease?.beaten(nonce, error, performance.now());
    for (const name of lost ?? []) fresh.add(name);
    return lost !== undefined;
  }

  #write(framed: Buffer, observer: StreamObserver): void {
    if (this.#options.write(framed)) return;
    this.#blocked = true;
    observer.blocked?.(true);
  }

  #revise(sub: Subscription): void {
    if (this.#attachment === undefined) return;
    const { store, observer } = this.#attachment;
    // Where there is no way to take something away, what is gone is simply not wanted any more.
    const silent = this.#options.variant === 'sotw' && !sub.whole;
    reviseRejection(sub, (name) => sub.covers(name) && (!silent || store.get(sub.type, name) !== undefined), observer);
    this.#noteRefused(sub, store);
  }

  #noteRefused(sub: Subscription, store: Store): void {
    if (sub.rejection === sub.notedRejection) return;
    sub.notedRejection = sub.rejection;
    noteRefused(sub, store, this.#options.variant);
  }

  #settle(seq: number): void {
    for (const sub of this.#ordered) {
      const removed = !sub.hasRemovals(seq) || isHeldByRejection(sub, this.#ordered);
      if (sub.upToDate(seq) && removed) continue;
      this.#settledSeq = undefined;
      return;
    }
    if (seq === this.#settledSeq) return;
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
  if (count > MOST_NAMES) throw new ProtocolError(`more than ${MOST_NAMES} names in one subscription`, { limit: 'names' });
}

/** In a function of its own: what a closure made in `#attach` sees lives as long as the stream, and these bytes are 60 kB. */
function nodeIn(node: Buffer): NodeInfo {
  return decode(() => readNode(node));
}
