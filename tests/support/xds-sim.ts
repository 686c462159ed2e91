import type { FrameCache } from '../../src/xds/frame.ts';
import type { Store } from '../../src/xds/store.ts';
import { XdsStream } from '../../src/xds/stream.ts';
import { TYPES, type Variant } from './xds-client.ts';
import { type ReadRequest, StreamLedger, VersionBook } from './xds-ledger.ts';
import { decodeDelta, decodeSotw, encodeDelta, encodeNode, encodeSotw, type Response, type Status } from './xds-wire.ts';

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** The transport would rather have no more than these at once. */
const MOST_BUFFERED = 3;

interface Asked {
  wildcard: boolean;
  readonly names: Set<string>;
}

interface Held {
  readonly content: string;
  readonly version: string;
}

export interface SimOptions {
  /** A service of this type alone; ADS without it. */
  readonly onlyType?: string;
  /** Shared by all clients of a store. */
  readonly book?: VersionBook;
  /** Whether it refuses what is not bad either. */
  readonly capricious?: () => boolean;
}

let clients = 0;

/**
 * A client of its own making, with a stream on which nothing moves by itself: each message is delivered when the test says
 * so. What the server reads and writes is held against a {@link StreamLedger}.
 */
export class SimClient {
  readonly variant: Variant;
  readonly #node: Buffer;
  readonly #store: Store;
  readonly #frames: FrameCache;
  readonly asked = new Map<string, Asked>();
  readonly held = new Map<string, Map<string, Held>>();
  /** What the server says stands refused, by type. */
  readonly refused = new Set<string>();
  settledSeq = -1;
  ended: string | undefined;
  /** It does not read for now. */
  stalled = false;
  /** Names that it was sent and did not take, by type. */
  readonly declined = new Map<string, Set<string>>();
  ledger: StreamLedger;
  readonly onlyType: string | undefined;
  readonly #book: VersionBook;
  readonly #capricious: () => boolean;
  /** Called with each response that changed what is held. */
  onTaken: (response: Response) => void = () => {};
  #stream: XdsStream;
  #toServer: { readonly bytes: Buffer; readonly said: ReadRequest }[] = [];
  /** With the number of requests that the server had read when it wrote them. */
  #toClient: { readonly bytes: Buffer; readonly read: number }[] = [];
  #full = false;
  #written = 0;
  #read = 0;
  /** Of this stream: the types asked for, those of which a name was asked for, the newest nonces. */
  #begun = new Set<string>();
  #named = new Set<string>();
  #nonces = new Map<string, string>();
  #versions = new Map<string, string>();
  /** Types that more was asked of than was answered, with the number of the request. */
  readonly #grown = new Map<string, number>();
  /** By type and name, the number of the request that let go of it: what was written before that is not for the client any more. */
  readonly #letGo = new Map<string, number>();

  constructor(variant: Variant, store: Store, frames: FrameCache, { onlyType, book = new VersionBook(), capricious = () => false }: SimOptions = {}) {
    this.variant = variant;
    clients++;
    this.#node = encodeNode({ id: `node-${clients}`, cluster: 'default', agent: 'envoy' });
    this.onlyType = onlyType;
    this.#store = store;
    this.#frames = frames;
    this.#book = book;
    this.#capricious = capricious;
    this.ledger = new StreamLedger(variant, store, book);
    this.#stream = this.#open();
  }

  /** Messages under way, either direction. */
  get underWay(): number {
    return this.#toServer.length + this.#toClient.length;
  }

  covers(type: string, name: string): boolean {
    const asked = this.asked.get(type);
    return asked !== undefined && (asked.wildcard || asked.names.has(name));
  }

  subscribe(type: string, names: readonly string[], wildcard = false): void {
    const asked = this.asked.get(type) ?? { wildcard: false, names: new Set() };
    this.asked.set(type, asked);
    if (names.some((name) => !asked.names.has(name)) || (wildcard && !asked.wildcard)) this.#grown.set(type, this.#written + 1);
    for (const name of names) asked.names.add(name);
    asked.wildcard ||= wildcard;
    if (!this.#begun.has(type)) this.#begin(type);
    else if (this.variant === 'delta') this.#delta(type, { subscribe: [...names, ...(wildcard ? ['*'] : [])] });
    else this.#sotw(type);
  }

  unsubscribe(type: string, names: readonly string[], wildcard = false): void {
    const asked = this.asked.get(type);
    if (asked === undefined) return;
    const held = this.#heldOf(type);
    for (const name of names) asked.names.delete(name);
    if (wildcard) asked.wildcard = false;
    if (this.#begun.has(type)) for (const name of held.keys()) if (!this.covers(type, name)) this.#letGo.set(`${type} ${name}`, this.#written + 1);
    for (const set of [held, this.#declinedOf(type)]) for (const name of set.keys()) if (!this.covers(type, name)) set.delete(name);
    if (!this.#begun.has(type)) return;
    if (this.variant === 'delta') this.#delta(type, { unsubscribe: [...names, ...(wildcard ? ['*'] : [])] });
    else this.#sotw(type);
  }

  /** Delivers one message of those under way to whom it is for. */
  deliver(toServer: boolean): void {
    if (toServer) {
      const message = this.#toServer.shift();
      if (message === undefined) return;
      this.#read++;
      this.ledger.read(message.said);
      this.#stream.receive(message.bytes);
    } else if (!this.stalled) {
      const message = this.#toClient.shift();
      if (this.#full && this.#toClient.length === 0) {
        this.#full = false;
        this.#stream.drained();
      }
      if (message !== undefined) this.#take(this.variant === 'delta' ? decodeDelta(message.bytes) : decodeSotw(message.bytes), message.read);
    }
  }

  /** The stream breaks, and the client comes back with what it holds. */
  reconnect(): void {
    this.#stream.close();
    this.#toServer = [];
    this.#toClient = [];
    this.#read = this.#written;
    this.#full = false;
    this.#begun = new Set();
    this.#named = new Set();
    this.#nonces = new Map();
    this.refused.clear();
    this.settledSeq = -1;
    this.ended = undefined;
    this.ledger = new StreamLedger(this.variant, this.#store, this.#book, this.ledger);
    this.#stream = this.#open();
    for (const type of this.asked.keys()) this.#begin(type);
  }

  close(): void {
    this.#stream.close();
  }

  #open(): XdsStream {
    const toClient = this.#toClient;
    const { ledger } = this;
    return new XdsStream({
      variant: this.variant,
      onlyType: this.onlyType,
      attach: () => ({
        store: this.#store,
        frames: this.#frames,
        observer: {
          asked: () => {},
          sent: () => {},
          acked: () => {},
          rejected: ({ answer }) => this.refused.add(answer.type),
          stands: ({ answer }) => this.refused.add(answer.type),
          recovered: (type) => this.refused.delete(type),
          settled: (seq) => {
            this.settledSeq = seq;
          },
          closed: () => {},
        },
      }),
      write: (framed) => {
        const bytes = framed.subarray(5);
        ledger.wrote(this.variant === 'delta' ? decodeDelta(bytes) : decodeSotw(bytes));
        this.#full = toClient.push({ bytes, read: this.#read }) >= MOST_BUFFERED;
        return !this.#full;
      },
      restart: (reason) => {
        this.ended = reason;
      },
    });
  }

  #begin(type: string): void {
    const asked = this.asked.get(type);
    // Without names a first request would mean everything.
    if (asked === undefined || (!asked.wildcard && asked.names.size === 0)) return;
    this.#begun.add(type);
    if (this.variant === 'sotw') {
      this.#sotw(type);
      return;
    }
    const initialVersions = new Map([...this.#heldOf(type)].map(([name, { version }]) => [name, version]));
    this.#delta(type, { subscribe: [...asked.names, ...(asked.wildcard && asked.names.size > 0 ? ['*'] : [])], initialVersions });
  }

  #delta(
    type: string,
    request: { subscribe?: string[]; unsubscribe?: string[]; initialVersions?: Map<string, string>; nonce?: string; error?: Status | undefined },
    refuses: readonly string[] = [],
  ): void {
    this.#written++;
    this.#toServer.push({ bytes: encodeDelta({ node: this.#node, typeUrl: type, ...request }), said: { type, nonce: '', ...request, refuses } });
  }

  #sotw(type: string, error?: Status, refuses: readonly string[] = []): void {
    const asked = this.asked.get(type);
    const names = [...(asked?.names ?? [])];
    // Everything is said by saying nothing, as long as no name was said.
    if (asked?.wildcard && (names.length > 0 || this.#named.has(type))) names.push('*');
    // Nothing is said by saying nothing only where a name was said before.
    else if (!asked?.wildcard && names.length === 0 && !this.#named.has(type)) names.push('nobody');
    if (names.length > 0) this.#named.add(type);
    const nonce = this.#nonces.get(type) ?? '';
    // A client must not claim a version for names that it has not been answered for ("resource type instance version").
    const versionInfo = nonce === '' && this.#grown.has(type) ? '' : this.#versions.get(type);
    this.#written++;
    this.#toServer.push({
      bytes: encodeSotw({ node: this.#node, typeUrl: type, names, nonce, versionInfo, error }),
      said: { type, nonce, names, versionInfo, refuses },
    });
  }

  #take(response: Response, read: number): void {
    const { typeUrl, nonce, version, resources, removed } = response;
    const held = this.#heldOf(typeUrl);
    const declined = this.#declinedOf(typeUrl);
    // A resource that says it is bad is refused, the others are taken: Envoy's way with clusters and listeners.
    const bad = resources
      .filter(({ name, body }) => body.startsWith('bad') || (held.get(name)?.content !== body && this.#capricious()))
      .map(({ name }) => name);
    const kept = new Set(resources.map(({ name }) => name));
    for (const { name, body, version: own } of resources) {
      if (!this.covers(typeUrl, name) || (this.variant === 'delta' && read < (this.#letGo.get(`${typeUrl} ${name}`) ?? 0))) continue;
      if (bad.includes(name)) {
        declined.add(name);
      } else {
        // Content of before in place of what was refused is no change of mind.
        if (held.get(name)?.content !== body) declined.delete(name);
        held.set(name, { content: body, version: own });
      }
    }
    for (const set of [held, declined]) for (const name of removed) set.delete(name);
    const whole = this.variant === 'sotw' && (typeUrl === TYPES.cds || typeUrl === TYPES.lds);
    if (whole) for (const name of held.keys()) if (!kept.has(name)) held.delete(name);
    this.#nonces.set(typeUrl, nonce);
    const error = bad.length === 0 ? undefined : { code: 13, message: `Error adding/updating cluster(s) ${bad.map((name) => `${name}: is bad`).join(', ')}` };
    // As Envoy does, which keeps the version of before also where it took a part of an answer.
    if (error === undefined) this.#versions.set(typeUrl, version);
    if (read >= (this.#grown.get(typeUrl) ?? Number.POSITIVE_INFINITY)) this.#grown.delete(typeUrl);
    if (this.variant === 'delta') this.#delta(typeUrl, { nonce, error }, bad);
    else this.#sotw(typeUrl, error, bad);
    this.onTaken(response);
  }

  #declinedOf(type: string): Set<string> {
    const declined = this.declined.get(type) ?? new Set<string>();
    this.declined.set(type, declined);
    return declined;
  }

  #heldOf(type: string): Map<string, Held> {
    const held = this.held.get(type) ?? new Map<string, Held>();
    this.held.set(type, held);
    return held;
  }
}
