import type { HostPort } from '../lib/address.ts';
import { NO_TRACER, type SpanContext, type Tracer } from '../lib/tracer.ts';
import { DEFAULT_GROUP, type Placement } from '../model/placement.ts';
import type { Flavour } from '../translator/config-source.ts';
import type { Translator } from '../translator/translator.ts';
import type { Attachment } from '../xds/attachment.ts';
import { groupFor } from '../xds/identity.ts';
import type { Client } from '../xds/server.ts';
import { shortName } from '../xds/types.ts';
import { Departures } from './departures.ts';
import type { Desired } from './desired.ts';
import type { GroupView } from './group-view.ts';
import { Grouping } from './grouping.ts';
import { type GrpcTranslations, GrpcView } from './grpc-view.ts';
import { IdleViews } from './idle-views.ts';
import type { Materials } from './materials.ts';
import { Meters } from './meters.ts';
import { NodeRecord, type StreamEvents, StreamRecord } from './node.ts';
import { type Publication, Publications } from './publications.ts';
import { PublicationTrace } from './trace.ts';
import { Translations } from './translations.ts';
import { View } from './view.ts';
import { type Way, wayKey, wayOf } from './way.ts';

export interface FleetOptions {
  readonly desired: Desired;
  readonly translator: Translator;
  /** Where certificates have what they consist of; unless given, they say it themselves. */
  readonly materials?: Materials | undefined;
  /** What Envoys listen on, by group; `default` for groups that are not named. */
  readonly listeners: Readonly<Record<string, HostPort>>;
  /** Which node belongs where; unless given, by `node.cluster`. */
  readonly grouping?: Grouping;
  /** Groups whose Envoys ask for hosts one by one; `*` for all. */
  readonly onDemand?: readonly string[];
  /** Seconds after which an Envoy without a daemon stops listening; 0 for never. */
  readonly ttl?: number;
  readonly events: StreamEvents;
  readonly tracer?: Tracer;
  /** Has published what was committed and is not out yet. */
  flush?(): void;
  /** Called where a node comes or goes. */
  onNode?(node: NodeRecord, what: 'connected' | 'gone'): void;
}

/** A client that makes up groups must not fill the memory. */
const MOST_VIEWS = 1000;
/** Nodes that are gone stay listed, the latest of them. */
const MOST_GONE = 1000;

/**
 * The Envoys and gRPC clients, what each is to hold, and what each made of it. A view exists while a node of its group and
 * kind is connected, and a minute longer: it is made from the desired state when the first one comes, and follows each
 * change until the last one leaves.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #translations: Translations;
  readonly #grouping: Grouping;
  readonly #departures = new Departures();
  readonly #grpcTranslations: GrpcTranslations = new WeakMap();
  readonly #views = new Map<string, { readonly publications: Publications; readonly streams: Set<StreamRecord> }>();
  readonly #idle = new IdleViews();
  readonly nodes = new Map<string, NodeRecord>();
  readonly meters: Meters;
  lastUpdate: Date | undefined;
  updateCount = 0;
  /** The newest revision that was published. */
  revision: number;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.revision = options.desired.revision;
    this.meters = new Meters(Object.keys(options.listeners));
    this.#translations = new Translations(options.translator, options.materials);
    this.#grouping = options.grouping ?? new Grouping();
  }

  /** Those that somebody uses. */
  get views(): Iterable<{ readonly publications: Publications; readonly streams: ReadonlySet<StreamRecord> }> {
    return this.#views.values();
  }

  get streamCount(): number {
    let count = 0;
    for (const { streams } of this.#views.values()) count += streams.size;
    return count;
  }

  /** @throws AccessError where the node may not join its group; Error where there are too many groups, or a rule needs metadata that cannot be read */
  attach(asking: Client): Attachment {
    const own = proven(asking.identity, this.#grouping.own(asking.node));
    const placement = this.#grouping.of(asking.node.id, own);
    const group = groupFor(asking.identity, placement.group, DEFAULT_GROUP);
    // The metadata is a part of the request, 60 kB that would stay with each stream.
    const client: Client = { ...asking, node: { ...asking.node, metadata: undefined } };
    const way = wayOf(client, group, this.#options.onDemand ?? []);
    const key = `${wayKey(way)} ${group}`;
    const { publications, streams } = this.#views.get(key) ?? this.#wake(key) ?? this.#open(key, group, way);
    const node = this.#node(client, placement, own);
    const meter = this.meters.group(group);
    const service = client.onlyType === undefined ? 'ads' : shortName(client.onlyType);
    const stream: StreamRecord = new StreamRecord(node, client, publications, meter, {
      settled: (...what) => {
        const [, from, to] = what;
        this.meters.completed(meter, publications.done(from, to, performance.now(), node.id));
        this.#options.events.settled(...what);
      },
      rejected: (...what) => {
        const [, { answer, error }] = what;
        for (const watcher of publications.watchers(answer.from, answer.seq)) watcher.rejected(node.id, shortName(answer.type), error.message);
        this.#options.events.rejected(...what);
      },
      closed: () => {
        const from = Math.max(stream.settledSeq, stream.attachedSeq);
        this.meters.completed(meter, publications.done(from, publications.view.store.seq, performance.now(), node.id, true));
        streams.delete(stream);
        meter.stream(client.variant, service, -1);
        if (streams.size === 0) this.#leave(key, publications);
        if (!node.connected) this.#options.onNode?.(node, 'gone');
        this.#options.events.closed(stream);
      },
    });
    const isNew = !node.connected;
    node.streams.add(stream);
    streams.add(stream);
    meter.stream(client.variant, service, 1);
    if (isNew) this.#options.onNode?.(node, 'connected');
    const heldBefore = this.#departures.take(node.id);
    const { view } = publications;
    const { store, frames, asked, forgetful = false } = view;
    return {
      store,
      frames,
      observer: stream,
      forgetful,
      ...(asked === undefined ? {} : { asked: asked.bind(view) }),
      ...(heldBefore === undefined ? {} : { heldBefore }),
    };
  }

  /**
   * Notes where a node belongs by now.
   * @returns its streams that are of another group
   */
  place(id: string): StreamRecord[] {
    const node = this.nodes.get(id);
    if (node === undefined) return [];
    node.placement = this.#grouping.of(id, node.own);
    node.group = node.placement.group;
    return [...node.streams].filter(({ publications }) => publications.view.group !== node.group);
  }

  /** Ends streams, so that their node comes back, says what it holds, and is sent the difference to its group. */
  restart(streams: readonly StreamRecord[]): void {
    for (const { node, client, publications } of streams) {
      if (client.variant === 'sotw' && client.onlyType === undefined) this.#departures.note(node.id, publications.view.store);
      client.restart(`${node.id} belongs to group ${node.group} now: come back for what that holds`);
    }
  }

  /**
   * Takes over what became of the services named, in every view that it concerns.
   * @param revision the newest revision that is in it
   * @param acceptedAt when the oldest change was accepted, monotonic milliseconds
   * @param causes the spans in which they were
   */
  publish(ids: Iterable<string>, revision: number, acceptedAt: number, again: readonly string[] = [], causes: readonly SpanContext[] = []): void {
    const changed = [...ids];
    const after = this.revision;
    const { stages } = this.meters;
    stages.queue.observe((performance.now() - acceptedAt) / 1000);
    this.revision = revision;
    const trace = PublicationTrace.start(this.#options.tracer ?? NO_TRACER, { revision, services: changed.length + again.length, causes });
    for (const { publications, streams } of this.#views.values()) {
      const { view } = publications;
      const before = view.store.seq;
      const started = performance.now();
      const seq = view.follow(this.#options.desired, changed, again);
      if (seq === before) continue;
      const publication: Publication = { seq, after, revision, acceptedAt, remaining: streams.size, completedAt: undefined };
      publications.add(publication);
      const rollout = trace?.group(view.group, view.kind, streams.size, started);
      publication.watcher = rollout;
      const made = performance.now();
      view.store.announce();
      publication.announcedAt = performance.now();
      rollout?.announced();
      stages.publish.observe((made - started) / 1000);
      stages.send.observe((publication.announcedAt - made) / 1000);
    }
    this.#idle.miss(changed);
    trace?.end();
    this.lastUpdate = new Date();
    this.updateCount++;
  }

  /** Lets go of the views that nobody uses. */
  close(): void {
    this.#idle.close();
  }

  #leave(key: string, publications: Publications): void {
    this.#views.delete(key);
    this.#idle.put(key, publications, this.revision);
  }

  /** A view that was left lately takes over what it missed, as one publication that nobody has to answer. */
  #wake(key: string): { publications: Publications; streams: Set<StreamRecord> } | undefined {
    if (!this.#idle.has(key)) return undefined;
    // What is committed is in what the view takes over, and must not be a publication of its own that changes nothing.
    this.#options.flush?.();
    const idle = this.#idle.take(key);
    if (idle === undefined) return undefined;
    const { publications, missed, after } = idle;
    const { view } = publications;
    const before = view.store.seq;
    const seq = view.follow(this.#options.desired, missed);
    const now = performance.now();
    if (seq !== before) publications.add({ seq, after, revision: this.revision, acceptedAt: now, remaining: 0, completedAt: now });
    const woken = { publications, streams: new Set<StreamRecord>() };
    this.#views.set(key, woken);
    return woken;
  }

  #open(key: string, group: string, way: Way): { publications: Publications; streams: Set<StreamRecord> } {
    if (this.#views.size + this.#idle.size >= MOST_VIEWS) this.#idle.dropOldest();
    if (this.#views.size >= MOST_VIEWS) throw new Error(`more than ${MOST_VIEWS} groups are connected`);
    const { desired } = this.#options;
    const publications = new Publications(way.kind === 'grpc' ? this.#grpcView(group) : this.#envoyView(group, way.kind, way.hosts));
    const { view } = publications;
    const now = performance.now();
    publications.add({ seq: view.store.seq, after: -1, revision: desired.revision, acceptedAt: now, remaining: 0, completedAt: now });
    const opened = { publications, streams: new Set<StreamRecord>() };
    this.#views.set(key, opened);
    return opened;
  }

  #grpcView(group: string): GroupView {
    const view = new GrpcView(group, this.#grpcTranslations, this.#options.translator);
    view.fill(this.#options.desired);
    return view;
  }

  /** @throws Error where such Envoys have nothing to listen on */
  #envoyView(group: string, flavour: Flavour, hosts: Flavour | undefined): GroupView {
    const { desired, listeners, translator, ttl } = this.#options;
    const listener = listeners[group] ?? listeners[DEFAULT_GROUP];
    if (listener === undefined) throw new Error(`there is no listener for group ${group}, and none for ${DEFAULT_GROUP}`);
    const view = new View(group, flavour, this.#translations, translator, hosts, ttl);
    view.fill(desired, listener);
    return view;
  }

  #node(client: Client, placement: Placement, own: Placement): NodeRecord {
    const { id, userAgent, version } = client.node;
    let node = this.nodes.get(id);
    if (node === undefined || !node.connected) {
      // One that comes back is listed last, and begins a new story.
      this.nodes.delete(id);
      node = new NodeRecord(id, new Date(), own);
      this.nodes.set(id, node);
      this.#forgetOldest();
    }
    node.own = own;
    node.placement = placement;
    node.group = placement.group;
    node.agent = [userAgent, version].filter((part) => part !== '').join(' ');
    node.address = client.address;
    return node;
  }

  #forgetOldest(): void {
    const gone = [...this.nodes.values()].filter((node) => !node.connected);
    for (const { id } of gone.slice(0, Math.max(0, gone.length - MOST_GONE))) this.nodes.delete(id);
  }
}

/** Where nothing says where a node belongs, what it proved to be does. */
function proven(identity: Client['identity'], own: Placement): Placement {
  if (own.from !== 'default') return own;
  const group = groupFor(identity, '', DEFAULT_GROUP);
  return group === DEFAULT_GROUP ? own : { group, from: 'identity' };
}
