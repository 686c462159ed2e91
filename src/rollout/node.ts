import type { ErrorDetail } from '../xds/codec.ts';
import type { Frame } from '../xds/frame.ts';
import type { Client } from '../xds/server.ts';
import type { StreamObserver } from '../xds/stream.ts';
import type { TypeUrl } from '../xds/types.ts';
import { entry, newObservedType, type ObservedType, type TypeCounts } from './observed.ts';
import type { Publications } from './publications.ts';

/** One Envoy, known by `node.id`, over all the streams it holds. */
export class NodeRecord {
  readonly id: string;
  group = '';
  agent = '';
  address = '';
  readonly connectedAt: Date;
  goneAt: Date | undefined;
  lastAnswerAt: Date | undefined;
  readonly streams = new Set<StreamRecord>();
  readonly types = new Map<TypeUrl, ObservedType>();

  constructor(id: string, now: Date) {
    this.id = id;
    this.connectedAt = now;
  }

  get connected(): boolean {
    return this.streams.size > 0;
  }

  /** The types whose last answer was a refusal of something that publication `seq` of the view holds. */
  rejections(): ObservedType[] {
    return [...this.types.values()].filter(({ rejection }) => rejection !== undefined);
  }
}

/** Who is told what a stream reports. */
export interface StreamEvents {
  settled(stream: StreamRecord, from: number, to: number): void;
  rejected(stream: StreamRecord, frame: Frame, error: ErrorDetail): void;
  closed(stream: StreamRecord): void;
}

/** One stream of a node: writes down what becomes of it, and passes on what others wait for. */
export class StreamRecord implements StreamObserver {
  readonly node: NodeRecord;
  readonly client: Client;
  readonly publications: Publications;
  /** The publication it began with. */
  readonly attachedSeq: number;
  /** Everything up to this publication is sent and answered; -1 before the first. */
  settledSeq = -1;
  readonly #outstanding = new Map<TypeUrl, number>();
  readonly #totals: Map<TypeUrl, TypeCounts>;
  readonly #events: StreamEvents;

  constructor(node: NodeRecord, client: Client, publications: Publications, totals: Map<TypeUrl, TypeCounts>, events: StreamEvents) {
    this.node = node;
    this.client = client;
    this.publications = publications;
    this.attachedSeq = publications.view.store.seq;
    this.#totals = totals;
    this.#events = events;
  }

  get inSync(): boolean {
    if (this.settledSeq !== this.publications.view.store.seq) return false;
    for (const count of this.#outstanding.values()) if (count > 0) return false;
    return true;
  }

  sent(frame: Frame): void {
    const type = this.#type(frame);
    type.sent++;
    type.sentVersion = frame.version;
    this.#total(frame).sent++;
    this.#await(frame, 1);
  }

  acked(frame: Frame): void {
    const type = this.#answered(frame);
    type.acked++;
    type.ackedVersion = frame.version;
    type.rejection = undefined;
    this.#total(frame).acked++;
  }

  rejected(frame: Frame, error: ErrorDetail): void {
    const type = this.#answered(frame);
    type.rejected++;
    type.rejection = { frame, error, at: new Date() };
    this.#total(frame).rejected++;
    this.#events.rejected(this, frame, error);
  }

  settled(seq: number): void {
    const from = Math.max(this.settledSeq, this.attachedSeq);
    this.settledSeq = seq;
    // Answers that a later one made up for never come.
    this.#outstanding.clear();
    this.#events.settled(this, from, seq);
  }

  closed(): void {
    this.node.streams.delete(this);
    for (const [type, count] of this.#outstanding) {
      const observed = this.node.types.get(type);
      if (observed !== undefined) observed.outstanding = Math.max(0, observed.outstanding - count);
    }
    if (!this.node.connected) this.node.goneAt = new Date();
    this.#events.closed(this);
  }

  #type(frame: Frame): ObservedType {
    return entry(this.node.types, frame.type, () => newObservedType(frame.type));
  }

  #answered(frame: Frame): ObservedType {
    this.node.lastAnswerAt = new Date();
    this.#await(frame, -1);
    return this.#type(frame);
  }

  #await(frame: Frame, step: 1 | -1): void {
    const count = Math.max(0, (this.#outstanding.get(frame.type) ?? 0) + step);
    this.#outstanding.set(frame.type, count);
    this.#type(frame).outstanding = count;
  }

  #total(frame: Frame): TypeCounts {
    return entry(this.#totals, frame.type, () => ({ sent: 0, acked: 0, rejected: 0 }));
  }
}
