import type { Stored } from '../model/kinds.ts';
import type { TypeUrl } from '../xds/types.ts';
import type { Lane } from './lane.ts';
import type { NodeRecord, StreamRecord } from './node.ts';
import type { Overlay } from './overlay.ts';

/** How many nodes of a group get a change first: a number, or a share of those that are connected, one at least. */
export type CanarySize = { readonly nodes: number } | { readonly share: number };

/** As long is given to a node to come back as a canary before another is asked, milliseconds. */
const REPLACEMENT_MS = 5000;

/** A version of an object that the canaries were sent. */
interface Flight {
  readonly seq: number;
  readonly version: Stored | undefined;
}

/** What is let through to the rest. */
export interface Promotion {
  /** By key, what the rest held so far. */
  readonly before: ReadonlyMap<string, Stored | undefined>;
  readonly revision: number;
}

/** Which nodes get a change first, and what the others have to wait for: until the canaries have taken it the rest holds the version before. */
export class Canaries {
  readonly #size: CanarySize;
  /** What the rest is made from. */
  readonly #rest: Overlay;
  /** Those that did not answer in time; nobody waits for them until they do. */
  readonly #stalled = new Map<string, Date>();
  readonly #flights = new Map<string, Flight[]>();
  /** By node and type: how far streams had come that ended before they had taken everything, while others of their node go on. */
  readonly #cut = new Map<string, Map<TypeUrl | undefined, number>>();
  /** When the oldest began, and when a node was last told to come back as a canary, monotonic milliseconds. */
  #since = 0;
  #replacedAt = Number.NEGATIVE_INFINITY;

  constructor(size: CanarySize, rest: Overlay) {
    this.#size = size;
    this.#rest = rest;
  }

  /** Something waits for the canaries. */
  get isWaiting(): boolean {
    return this.#rest.held.size > 0;
  }

  /** How many objects do. */
  get waiting(): number {
    return this.#rest.held.size;
  }

  get since(): number {
    return this.#since;
  }

  get stalled(): ReadonlyMap<string, Date> {
    return this.#stalled;
  }

  /** Whether a node that opens a stream is one; from then on it stays one as long as it is connected. */
  admits(id: string, canary: Lane | undefined, rest: Lane | undefined): boolean {
    const canaries = nodesOf(canary);
    const others = nodesOf(rest);
    if (canaries.has(id)) return true;
    if (others.has(id)) return false;
    const able = [...canaries.keys()].filter((each) => !this.#stalled.has(each)).length;
    const total = canaries.size + others.size + 1;
    const wanted = 'nodes' in this.#size ? this.#size.nodes : Math.max(1, Math.round(total * this.#size.share));
    if (able >= wanted) return false;
    this.left(id);
    return true;
  }

  /** Streams of the rest that are to become canaries, since there is none that answers. */
  replacement(canary: Lane | undefined, rest: Lane | undefined): readonly StreamRecord[] {
    for (const id of nodesOf(canary).keys()) if (!this.#stalled.has(id)) return [];
    const [first] = [...nodesOf(rest).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const now = performance.now();
    if (first === undefined || now - this.#replacedAt < REPLACEMENT_MS) return [];
    this.#replacedAt = now;
    return [...(rest?.streams ?? [])].filter(({ node }) => node === first);
  }

  /** The canaries are to be sent a version; the rest stays with `before` until they have taken it. */
  hold(key: string, before: Stored | undefined): void {
    if (!this.isWaiting) this.#since = performance.now();
    if (!this.#rest.held.has(key)) this.#rest.hold(key, before);
  }

  /** They were. */
  flew(key: string, seq: number, version: Stored | undefined): void {
    if (!this.#rest.held.has(key)) return;
    const flights = this.#flights.get(key) ?? [];
    this.#flights.set(key, flights);
    flights.push({ seq, version });
  }

  /** The canaries' lane was opened with these versions. */
  opened(seq: number, versionOf: (key: string) => Stored | undefined): void {
    for (const key of this.#rest.held.keys()) {
      this.#flights.delete(key);
      this.flew(key, seq, versionOf(key));
    }
  }

  /** What became of the object is known without them: it is not held any more. */
  drop(key: string): void {
    this.#flights.delete(key);
    this.#rest.release(key);
  }

  /** Those who have not taken everything. */
  late(canary: Lane | undefined): readonly NodeRecord[] {
    return [...nodesOf(canary).values()].filter(
      (node) => !this.#stalled.has(node.id) && this.#taken(node, canary) < (canary?.publications.view.store.seq ?? 0),
    );
  }

  stall(nodes: readonly NodeRecord[]): void {
    for (const { id } of nodes) this.#stalled.set(id, new Date());
  }

  /** A canary answered. */
  answered({ node, client }: StreamRecord, canary: Lane): void {
    this.#cut.get(node.id)?.delete(client.onlyType);
    if (this.#stalled.has(node.id) && this.#taken(node, canary) >= canary.publications.view.store.seq) this.#stalled.delete(node.id);
  }

  left(id: string): void {
    this.#stalled.delete(id);
    this.#cut.delete(id);
  }

  /** One of several streams of a canary ended. What it had not answered, the node has not taken, whatever its other streams say. */
  lost({ node, client, settledSeq }: StreamRecord, canary: Lane): void {
    if (settledSeq >= canary.publications.view.store.seq) return;
    // It came back before the end of the old one was noticed.
    for (const other of node.streams) if (canary.streams.has(other) && other.client.onlyType === client.onlyType) return;
    const cut = this.#cut.get(node.id) ?? new Map<TypeUrl | undefined, number>();
    this.#cut.set(node.id, cut.set(client.onlyType, settledSeq));
  }

  /**
   * Lets through what all of them have taken.
   * @param now the version of an object that is newest
   * @param anyway all that waits, taken or not
   */
  promote(canary: Lane | undefined, now: (key: string) => Stored | undefined, anyway = false): Promotion | undefined {
    const upTo = anyway ? Number.POSITIVE_INFINITY : this.#takenByAll(canary);
    const before = new Map<string, Stored | undefined>();
    for (const key of anyway ? [...this.#rest.held.keys()] : this.#flights.keys()) {
      const flights = this.#flights.get(key) ?? [];
      let arrived: Flight | undefined = anyway ? { seq: 0, version: now(key) } : undefined;
      while (flights[0] !== undefined && flights[0].seq <= upTo) arrived = flights.shift();
      if (arrived === undefined) continue;
      before.set(key, this.#rest.object(key));
      if (flights.length === 0) this.#flights.delete(key);
      // One that is newer still is the canaries' first.
      if (flights.length === 0 && now(key) === arrived.version) this.#rest.release(key);
      else this.#rest.hold(key, arrived.version);
    }
    if (before.size === 0) return undefined;
    this.#since = performance.now();
    const revision = this.isWaiting && !anyway ? canary?.publications.at(upTo)?.revision : canary?.revision;
    return { before, revision: revision ?? 0 };
  }

  /** The newest publication that every canary is done with, those aside that have stalled; -1 where there are none. */
  #takenByAll(canary: Lane | undefined): number {
    let upTo = Number.POSITIVE_INFINITY;
    for (const node of nodesOf(canary).values()) if (!this.#stalled.has(node.id)) upTo = Math.min(upTo, this.#taken(node, canary));
    return Number.isFinite(upTo) ? upTo : -1;
  }

  /** The newest publication that all streams of a node in the lane are done with. */
  #taken(node: NodeRecord, lane: Lane | undefined): number {
    let seq = Number.POSITIVE_INFINITY;
    for (const stream of node.streams) if (lane?.streams.has(stream)) seq = Math.min(seq, stream.settledSeq);
    for (const cut of this.#cut.get(node.id)?.values() ?? []) seq = Math.min(seq, cut);
    return seq;
  }
}

function nodesOf(lane: Lane | undefined): Map<string, NodeRecord> {
  return new Map([...(lane?.streams ?? [])].map(({ node }) => [node.id, node]));
}
