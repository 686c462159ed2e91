import type { Placement } from '../model/placement.ts';
import type { StreamObserver } from '../xds/attachment.ts';
import type { Answer } from '../xds/frame.ts';
import type { Rejection } from '../xds/rejection.ts';
import type { Client } from '../xds/server.ts';
import type { TypeUrl } from '../xds/types.ts';
import type { GroupMeter } from './meters.ts';
import { entry, newObservedType, type ObservedType, type StandingRejection, typeBit } from './observed.ts';
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
  /** The transport wants no more at the moment. */
  isBlocked = false;
  readonly #meter: GroupMeter;
  readonly #events: StreamEvents;

  constructor(node: NodeRecord, client: Client, publications: Publications, meter: GroupMeter, events: StreamEvents) {
    this.node = node;
    this.client = client;
    this.publications = publications;
    this.attachedSeq = publications.view.store.seq;
    this.#meter = meter;
    this.#events = events;
  }

  get inSync(): boolean {
    return this.settledSeq === this.publications.view.store.seq && this.#outstanding === 0;
  }

  /** Answers sent that were not answered yet. */
  get outstanding(): number {
    return this.#outstanding;
  }

  asked(type: TypeUrl): void {
    this.askedTypes |= typeBit(type);
  }

  sent(answer: Answer, bytes: number): void {
    const type = this.#type(answer.type);
    type.sent++;
    type.sentVersion = answer.version;
    const meter = this.#meter.type(answer.type);
    meter.sent++;
    meter.sentBytes += bytes;
    this.#outstanding++;
  }

  beat(type: TypeUrl): void {
    this.#meter.type(type).heartbeats++;
  }

  received(type: TypeUrl, bytes: number): void {
    this.#meter.type(type).receivedBytes += bytes;
  }

  blocked(blocked: boolean): void {
    this.isBlocked = blocked;
  }

  overrun(): void {
    this.#meter.overruns++;
  }

  acked(answer: Answer): void {
    const type = this.#answered(answer);
    type.acked++;
    type.ackedVersion = answer.version;
    this.#meter.type(answer.type).acked++;
  }

  rejected(rejection: Rejection): void {
    const { answer } = rejection;
    const type = this.#answered(answer);
    type.rejected++;
    type.rejection = { ...rejection, at: new Date() };
    this.rejections.set(answer.type, type.rejection);
    this.#meter.type(answer.type).rejected++;
    this.#events.rejected(this, rejection);
  }

  stands(rejection: Rejection, since: Date): void {
    const type = this.#type(rejection.answer.type);
    type.rejection = { ...rejection, at: since };
    this.rejections.set(rejection.answer.type, type.rejection);
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
    if (this.node.connected) for (const type of this.rejections.keys()) this.#type(type).rejection = this.#elsewhere(type);
    else this.node.goneAt = new Date();
    this.#events.closed(this);
  }

  /** The stream that the node came back on may refuse the same. */
  #elsewhere(type: TypeUrl): StandingRejection | undefined {
    for (const { rejections } of this.node.streams) if (rejections.has(type)) return rejections.get(type);
    return undefined;
  }

  #type(type: TypeUrl): ObservedType {
    return entry(this.node.types, type, () => newObservedType(type));
  }

  #answered(answer: Answer): ObservedType {
    this.node.lastAnswerAt = new Date();
    this.#outstanding = Math.max(0, this.#outstanding - 1);
    return this.#type(answer.type);
  }
}
