import { NO_TRACER, type SpanContext } from '../lib/tracer.ts';
import { keyOf, type Stored } from '../model/kinds.ts';
import { DEFAULT_GROUP } from '../model/placement.ts';
import type { Quarantined } from '../model/quarantined.ts';
import type { Attachment } from '../xds/attachment.ts';
import { groupFor } from '../xds/identity.ts';
import type { Client } from '../xds/server.ts';
import { shortName } from '../xds/types.ts';
import { Channel } from './channel.ts';
import type { ChannelEvents, Safety } from './channel-options.ts';
import { Departures } from './departures.ts';
import type { Desired } from './desired.ts';
import { enlist } from './enlist.ts';
import type { FleetOptions } from './fleet-options.ts';
import { Grouping, proven } from './grouping.ts';
import { IdleViews } from './idle-views.ts';
import type { Lane } from './lane.ts';
import { Meters } from './meters.ts';
import { type NodeRecord, StreamRecord } from './node.ts';
import type { Publications } from './publications.ts';
import { Quarantines } from './quarantine.ts';
import { PublicationTrace } from './trace.ts';
import { ViewMaker } from './view-maker.ts';
import { type Way, wayKey, wayOf } from './way.ts';

const NOTHING_SPECIAL: Safety = { canaryTimeout: 30_000 };

/** A client that makes up groups must not fill the memory. */
const MOST_VIEWS = 1000;

/**
 * The Envoys and gRPC clients, what each is to hold, and what each made of it. A view exists while a node of its group and
 * kind is connected, and a minute longer: it is made from the desired state when the first one comes, and follows each
 * change until the last one leaves.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #views: ViewMaker;
  readonly #grouping: Grouping;
  readonly #departures = new Departures();
  readonly #channels = new Map<string, Channel>();
  readonly #idle = new IdleViews();
  readonly #quarantines: Quarantines;
  /** What was published of each object last. */
  readonly #known = new Map<string, Stored>();
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
    this.#views = new ViewMaker(options);
    this.#grouping = options.grouping ?? new Grouping();
    const { safety } = options;
    this.#quarantines = new Quarantines(safety?.quarantines, safety?.onFault, (...what) => safety?.events?.ended?.(...what));
    for (const object of options.desired.objects()) this.#known.set(keyOf(object), object);
  }

  /** Those that somebody uses. */
  get views(): Iterable<Lane> {
    return this.#lanes();
  }

  get channels(): Iterable<Channel> {
    return this.#channels.values();
  }

  /** What is parked since it was refused, the oldest first. */
  get quarantined(): readonly Quarantined[] {
    return this.#quarantines.list();
  }

  /** Where an object was said, as far as that is known. */
  originOf(key: string): string | undefined {
    return this.#known.get(key)?.origin;
  }

  /** Has a refused version of an object served again. @returns whether one was parked */
  release(key: string, group?: string): boolean {
    let isFound = false;
    for (const { view, ...entry } of this.#quarantines.list()) {
      if (entry.key !== key || (group !== undefined && entry.group !== group)) continue;
      const channel = this.#channels.get(view);
      isFound = (channel === undefined ? this.#quarantines.end(view, key, 'by-hand') : channel.release(key)) || isFound;
    }
    return isFound;
  }

  /** Nothing is decided any more. */
  close(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.#idle.close();
  }

  get streamCount(): number {
    let count = 0;
    for (const { streams } of this.#lanes()) count += streams.size;
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
    const channel = this.#channels.get(key) ?? this.#open(key, group, way);
    const lane = this.#enter(channel, client.node.id);
    const { publications, streams } = lane;
    const node = enlist(this.nodes, client, placement, own);
    const meter = this.meters.group(group);
    const service = client.onlyType === undefined ? 'ads' : shortName(client.onlyType);
    const stream: StreamRecord = new StreamRecord(node, client, publications, meter, {
      settled: (...what) => {
        const [, from, to] = what;
        const completed = publications.done(from, to, performance.now(), node.id);
        this.meters.completed(meter, completed);
        if (completed.length > 0) channel.completed(lane);
        channel.settled(lane, stream);
        this.#options.events.settled(...what);
      },
      rejected: (...what) => {
        const [, rejection] = what;
        const { answer, error } = rejection;
        channel.rejected(lane, stream, rejection);
        for (const watcher of publications.watchers(answer.from, answer.seq)) watcher.rejected(node.id, shortName(answer.type), error.message);
        this.#options.events.rejected(...what);
      },
      closed: () => {
        const from = Math.max(stream.settledSeq, stream.attachedSeq);
        this.meters.completed(meter, publications.done(from, publications.view.store.seq, performance.now(), node.id, true));
        streams.delete(stream);
        meter.stream(client.variant, service, -1);
        channel.left(lane, stream);
        if (channel.isEmpty) this.#channels.delete(key);
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
  restart(streams: readonly StreamRecord[], reason?: string): void {
    for (const { node, client, publications } of streams) {
      if (client.variant === 'sotw' && client.onlyType === undefined) this.#departures.note(node.id, publications.view.store);
      client.restart(`${node.id} ${reason ?? `belongs to group ${node.group} now: come back for what that holds`}`);
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
    const { stages } = this.meters;
    stages.queue.observe((performance.now() - acceptedAt) / 1000);
    this.revision = revision;
    const trace = PublicationTrace.start(this.#options.tracer ?? NO_TRACER, { revision, services: changed.length + again.length, causes });
    const before = new Map(changed.map((key) => [key, this.#known.get(key)]));
    for (const key of changed) this.#follow(key);
    for (const channel of this.#channels.values()) channel.publish({ before, again, revision, acceptedAt, trace });
    this.#idle.miss(changed);
    trace?.end();
    this.lastUpdate = new Date();
    this.updateCount++;
  }

  /** @throws Error where there is nothing that such clients can be sent */
  #enter(channel: Channel, id: string): Lane {
    try {
      return channel.enter(id);
    } finally {
      if (channel.isEmpty) this.#channels.delete(channel.key);
    }
  }

  *#lanes(): Iterable<Lane> {
    for (const channel of this.#channels.values()) yield* channel.lanes();
  }

  #follow(key: string): void {
    const now = this.#options.desired.object(key);
    if (now === undefined) this.#known.delete(key);
    else this.#known.set(key, now);
    this.#quarantines.follow(key, now);
  }

  #open(key: string, group: string, way: Way): Channel {
    if (this.#channels.size + this.#idle.size >= MOST_VIEWS) this.#idle.dropOldest();
    if (this.#channels.size >= MOST_VIEWS) throw new Error(`more than ${MOST_VIEWS} groups are connected`);
    const { desired, safety = {}, events } = this.#options;
    const channel = new Channel({
      key,
      group,
      desired,
      safety: safety.of?.(group) ?? NOTHING_SPECIAL,
      quarantines: this.#quarantines,
      asOf: (...which) => safety.asOf?.(...which),
      changedSince: (time) => safety.changedSince?.(time) ?? new Map(),
      open: (view, content, held) => this.#wake(view, content, held) ?? this.#views.make(group, way, content),
      keep: (view, publications, missed) => this.#idle.put(view, publications, this.revision, missed),
      events: {
        announce: (...what) => this.#announce(...what),
        look: (stream) => events.settled(stream, stream.settledSeq, stream.settledSeq),
        restart: (streams, reason) => this.restart(streams, reason),
        quarantined: (entry) => {
          this.meters.group(group).quarantined++;
          safety.events?.quarantined?.(entry);
        },
        stalled: (...what) => {
          this.meters.group(group).canaryTimeouts++;
          safety.events?.stalled?.(...what);
        },
        canary: (...what) => safety.events?.canary?.(...what),
        unwanted: (what) => {
          this.meters.group(group).rollbacks++;
          safety.events?.unwanted?.(what);
        },
        waited: (_, seconds) => this.meters.group(group).pushWait.observe(seconds),
      },
    });
    this.#channels.set(key, channel);
    channel.recall();
    return channel;
  }

  /** A view that was left lately takes over what it missed, as one publication that nobody has to answer. */
  #wake(key: string, desired: Desired, held: Iterable<string>): Publications | undefined {
    if (!this.#idle.has(key)) return undefined;
    // What is committed is in what the view takes over, and must not be a publication of its own that changes nothing.
    this.#options.flush?.();
    const idle = this.#idle.take(key);
    if (idle === undefined) return undefined;
    const { publications, missed, after } = idle;
    const { view } = publications;
    const before = view.store.seq;
    const seq = view.follow(desired, new Set([...missed, ...held]));
    const now = performance.now();
    if (seq !== before) publications.add({ seq, after, revision: this.revision, acceptedAt: now, remaining: 0, completedAt: now });
    publications.upcoming = undefined;
    return publications;
  }

  #announce: ChannelEvents['announce'] = ({ publications, streams }, publication, startedAt, trace) => {
    const { stages } = this.meters;
    const { view } = publications;
    const rollout = trace?.group(view.group, view.kind, streams.size, startedAt);
    publication.watcher = rollout;
    const made = performance.now();
    view.store.announce();
    publication.announcedAt = performance.now();
    rollout?.announced();
    stages.publish.observe((made - startedAt) / 1000);
    stages.send.observe((publication.announcedAt - made) / 1000);
  };
}
