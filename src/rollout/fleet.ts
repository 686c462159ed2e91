import type { HostPort } from '../lib/address.ts';
import type { Translator } from '../translator/translator.ts';
import type { Client } from '../xds/server.ts';
import type { Attachment } from '../xds/stream.ts';
import type { TypeUrl } from '../xds/types.ts';
import type { Desired } from './desired.ts';
import { NodeRecord, type StreamEvents, StreamRecord } from './node.ts';
import type { TypeCounts } from './observed.ts';
import { Publications } from './publications.ts';
import { Translations } from './translations.ts';
import { View } from './view.ts';
import { type Way, wayKey, wayOf } from './way.ts';

export interface FleetOptions {
  readonly desired: Desired;
  readonly translator: Translator;
  /** What Envoys listen on, by group; `default` for groups that are not named. */
  readonly listeners: Readonly<Record<string, HostPort>>;
  /** Groups whose Envoys ask for hosts one by one; `*` for all. */
  readonly onDemand?: readonly string[];
  readonly events: StreamEvents;
  /** Called where a node comes or goes. */
  onNode?(node: NodeRecord, what: 'connected' | 'gone'): void;
}

/** The group of a node that names none. */
export const DEFAULT_GROUP = 'default';

/** A client that makes up groups must not fill the memory. */
const MOST_VIEWS = 1000;
/** Nodes that are gone stay listed, the latest of them. */
const MOST_GONE = 1000;

/**
 * The Envoys, what each is to hold, and what each made of it. A view exists while a node of its group is connected: it
 * is made from the desired state when the first one comes, and follows each change until the last one leaves.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #translations: Translations;
  readonly #views = new Map<string, { readonly publications: Publications; readonly streams: Set<StreamRecord> }>();
  readonly nodes = new Map<string, NodeRecord>();
  readonly totals = new Map<TypeUrl, TypeCounts>();
  lastUpdate: Date | undefined;
  updateCount = 0;
  /** The newest revision that was published. */
  revision: number;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.revision = options.desired.revision;
    this.#translations = new Translations(options.translator);
  }

  get views(): Iterable<{ readonly publications: Publications; readonly streams: ReadonlySet<StreamRecord> }> {
    return this.#views.values();
  }

  get streamCount(): number {
    let count = 0;
    for (const { streams } of this.#views.values()) count += streams.size;
    return count;
  }

  /** @throws Error where there are too many groups */
  attach(client: Client): Attachment {
    const group = client.node.cluster || DEFAULT_GROUP;
    const way = wayOf(client, group, this.#options.onDemand ?? []);
    const key = `${wayKey(way)} ${group}`;
    const { publications, streams } = this.#views.get(key) ?? this.#open(key, group, way);
    const node = this.#node(client, group);
    const stream: StreamRecord = new StreamRecord(node, client, publications, this.totals, {
      settled: (...what) => {
        const [, from, to] = what;
        publications.done(from, to, performance.now());
        this.#options.events.settled(...what);
      },
      rejected: (...what) => this.#options.events.rejected(...what),
      closed: () => {
        publications.done(Math.max(stream.settledSeq, stream.attachedSeq), publications.view.store.seq, performance.now());
        streams.delete(stream);
        if (streams.size === 0) this.#views.delete(key);
        if (!node.connected) this.#options.onNode?.(node, 'gone');
        this.#options.events.closed(stream);
      },
    });
    const isNew = !node.connected;
    node.streams.add(stream);
    streams.add(stream);
    if (isNew) this.#options.onNode?.(node, 'connected');
    return { store: publications.view.store, frames: publications.view.frames, observer: stream };
  }

  /**
   * Takes over what became of the services named, in every view that it concerns.
   * @param revision the newest revision that is in it
   * @param acceptedAt when the oldest change was accepted, monotonic milliseconds
   */
  publish(ids: Iterable<string>, revision: number, acceptedAt: number, again: readonly string[] = []): void {
    const changed = [...ids];
    const after = this.revision;
    this.revision = revision;
    for (const { publications, streams } of this.#views.values()) {
      const { view } = publications;
      const before = view.store.seq;
      const seq = view.follow(this.#options.desired, changed, again);
      if (seq === before) continue;
      publications.add({ seq, after, revision, acceptedAt, remaining: streams.size, completedAt: undefined });
      view.store.announce();
    }
    this.lastUpdate = new Date();
    this.updateCount++;
  }

  #open(key: string, group: string, way: Way): { publications: Publications; streams: Set<StreamRecord> } {
    if (this.#views.size >= MOST_VIEWS) throw new Error(`more than ${MOST_VIEWS} groups are connected`);
    const { desired, listeners, translator } = this.#options;
    const listener = listeners[group] ?? listeners[DEFAULT_GROUP];
    if (listener === undefined) throw new Error(`there is no listener for group ${group}, and none for ${DEFAULT_GROUP}`);
    const view = new View(group, way.flavour, this.#translations, translator, way.hosts);
    view.fill(desired, listener);
    const publications = new Publications(view);
    const now = performance.now();
    publications.add({ seq: view.store.seq, after: -1, revision: desired.revision, acceptedAt: now, remaining: 0, completedAt: now });
    const opened = { publications, streams: new Set<StreamRecord>() };
    this.#views.set(key, opened);
    return opened;
  }

  #node(client: Client, group: string): NodeRecord {
    const { id, userAgent, version } = client.node;
    let node = this.nodes.get(id);
    if (node === undefined || !node.connected) {
      // One that comes back is listed last, and begins a new story.
      this.nodes.delete(id);
      node = new NodeRecord(id, new Date());
      this.nodes.set(id, node);
      this.#forgetOldest();
    }
    node.group = group;
    node.agent = [userAgent, version].filter((part) => part !== '').join(' ');
    node.address = client.address;
    return node;
  }

  #forgetOldest(): void {
    const gone = [...this.nodes.values()].filter((node) => !node.connected);
    for (const { id } of gone.slice(0, Math.max(0, gone.length - MOST_GONE))) this.nodes.delete(id);
  }
}
