import type { Placement } from '../model/placement.ts';
import type { Answer } from '../xds/frame.ts';
import type { Rejection } from '../xds/rejection.ts';
import type { Client } from '../xds/server.ts';
import type { StreamObserver } from '../xds/stream.ts';
import type { TypeUrl } from '../xds/types.ts';
import { entry, newObservedType, type ObservedType, type StandingRejection, type TypeCounts, typeBit } from './observed.ts';
import type { Publications } from './publications.ts';

/** One Envoy, known by `node.id`, over all the streams it holds. */
export class NodeRecord {
  readonly id: string;
  group = '';
  /** Why it is in that group, and where it would be had nobody moved it. */
  placement: Placement;
  own: Placement;
  agent = '';
  address = '';
  readonly connectedAt: Date;
  goneAt: Date | undefined;
  lastAnswerAt: Date | undefined;
  readonly streams = new Set<StreamRecord>();
  readonly types = new Map<TypeUrl, ObservedType>();

  constructor(id: string, now: Date, own: Placement) {
    this.id = id;
    this.connectedAt = now;
    this.own = own;
    this.placement = own;
  }

  get connected(): boolean {
    return this.streams.size > 0;
  }

  /** The refusals that stand, over all streams. */
  rejections(): StandingRejection[] {
    return [...this.streams].flatMap((stream) => [...stream.rejections.values()]);
  }
}

/** Who is told what a stream reports. */
export interface StreamEvents {
  settled(stream: StreamRecord, from: number, to: number): void;
  rejected(stream: StreamRecord, rejection: Rejection): void;
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
  /** The types that it asked for, see {@link typeBit}. */
  askedTypes = 0;
  /** The refusals that stand. */
  readonly rejections = new Map<TypeUrl, StandingRejection>();
  /** Sent, and no answer yet. */
  #outstanding = 0;
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
    return this.settledSeq === this.publications.view.store.seq && this.#outstanding === 0;
  }

  asked(type: TypeUrl): void {
    this.askedTypes |= typeBit(type);
  }

  sent(answer: Answer): void {
    const type = this.#type(answer.type);
    type.sent++;
    type.sentVersion = answer.version;
    this.#total(answer.type).sent++;
    this.#outstanding++;
  }

  acked(answer: Answer): void {
    const type = this.#answered(answer);
    type.acked++;
    type.ackedVersion = answer.version;
    this.#total(answer.type).acked++;
  }

  rejected(rejection: Rejection): void {
    const { answer } = rejection;
    const type = this.#answered(answer);
    type.rejected++;
    type.rejection = { ...rejection, at: new Date() };
    this.rejections.set(answer.type, type.rejection);
    this.#total(answer.type).rejected++;
    this.#events.rejected(this, rejection);
  }

  recovered(type: TypeUrl): void {
    this.rejections.delete(type);
    this.#type(type).rejection = undefined;
  }

  settled(seq: number): void {
    const from = Math.max(this.settledSeq, this.attachedSeq);
    this.settledSeq = seq;
    // Answers that a later one made up for never come.
    this.#outstanding = 0;
    this.#events.settled(this, from, seq);
  }

  closed(): void {
    this.node.streams.delete(this);
    if (this.node.connected) for (const type of this.rejections.keys()) this.#type(type).rejection = undefined;
    else this.node.goneAt = new Date();
    this.#events.closed(this);
  }

  #type(type: TypeUrl): ObservedType {
    return entry(this.node.types, type, () => newObservedType(type));
  }

  #answered(answer: Answer): ObservedType {
    this.node.lastAnswerAt = new Date();
    this.#outstanding = Math.max(0, this.#outstanding - 1);
    return this.#type(answer.type);
  }

  #total(type: TypeUrl): TypeCounts {
    return entry(this.#totals, type, () => ({ sent: 0, acked: 0, rejected: 0 }));
  }
}
