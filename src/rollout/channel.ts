import type { Stored } from '../model/kinds.ts';
import { servedBy } from '../model/service.ts';
import type { Rejection } from '../xds/rejection.ts';
import { Canaries } from './canaries.ts';
import type { CanaryStep, ChannelOptions } from './channel-options.ts';
import type { Desired } from './desired.ts';
import { Judge } from './judge.ts';
import { Lane } from './lane.ts';
import type { StreamRecord } from './node.ts';
import { Overlay } from './overlay.ts';
import type { Publication } from './publications.ts';
import { PushLimit } from './push-limit.ts';
import type { PublicationTrace } from './trace.ts';

/** What was committed, as far as it is to be published. */
export interface Change {
  /** What each object was before, by key. */
  readonly before: ReadonlyMap<string, Stored | undefined>;
  /** Services to be sent once more even where nothing changed. */
  readonly again: readonly string[];
  /** The newest revision in it. */
  readonly revision: number;
  /** When the oldest of it was accepted, monotonic milliseconds. */
  readonly acceptedAt: number;
  readonly trace?: PublicationTrace | undefined;
}

interface Pending {
  readonly before: Map<string, Stored | undefined>;
  readonly again: Set<string>;
  revision: number;
  readonly acceptedAt: number;
}

const NOTHING: ReadonlyMap<string, Stored | undefined> = new Map();

/**
 * The way of changes to the clients of one group that ask in one way: through the limit, to the canaries, to the rest. What
 * is refused on it is quarantined (`judge.ts`).
 */
export class Channel {
  readonly key: string;
  readonly group: string;
  /** What is published, or about to be: the desired state, but for what is quarantined. */
  readonly published: Overlay;
  readonly canaries: Canaries | undefined;
  /** All streams, or those that are no canaries. */
  main: Lane | undefined;
  canary: Lane | undefined;
  readonly #options: ChannelOptions;
  /** What those are sent that are no canaries. */
  readonly #rest: Overlay;
  readonly #judge: Judge;
  readonly #limit: PushLimit | undefined;
  #pending: Pending | undefined;
  #limitTimer: NodeJS.Timeout | undefined;
  #canaryTimer: NodeJS.Timeout | undefined;
  /** That the others wait was told, and the end of it not yet. */
  #isWaitTold = false;

  constructor(options: ChannelOptions) {
    const { key, group, desired, safety, quarantines } = options;
    this.#options = options;
    this.key = key;
    this.group = group;
    this.published = new Overlay(desired);
    this.#rest = new Overlay(this.published);
    this.canaries = safety.canary === undefined ? undefined : new Canaries(safety.canary, this.#rest);
    this.#limit = safety.pushLimit === undefined ? undefined : new PushLimit(safety.pushLimit);
    this.#judge = new Judge(this, options);
    for (const entry of quarantines.of(key).values()) {
      const object = desired.object(entry.key);
      if (object === undefined || object.revision !== entry.revision) quarantines.end(key, entry.key);
      else this.published.hold(entry.key, entry.good === null ? undefined : options.asOf(entry.key, entry.good));
    }
  }

  /**
   * Nobody knows how far what was changed lately had come, before the daemon was restarted or the last node left: it is the
   * canaries' first. To be called before the first node enters.
   */
  recall(): void {
    const { canaries } = this;
    if (canaries === undefined) return;
    const since = new Date(Date.now() - this.#options.safety.canaryTimeout).toISOString();
    for (const [key, before] of this.#options.changedSince(since))
      if (this.#isFor(before) || this.#isFor(this.published.object(key))) canaries.hold(key, before);
    this.#watchCanaries();
  }

  /** The canaries first. */
  *lanes(): Iterable<Lane> {
    if (this.canary !== undefined) yield this.canary;
    if (this.main !== undefined) yield this.main;
  }

  get isEmpty(): boolean {
    return this.main === undefined && this.canary === undefined;
  }

  /** Changes that wait for the limit, or for a search. */
  get waiting(): number {
    return this.#pending?.before.size ?? 0;
  }

  /** The lane for a node that opens a stream. */
  enter(node: string): Lane {
    if (this.canaries?.admits(node, this.canary, this.main) !== true) {
      this.main ??= this.#open(this.canaries === undefined ? this.published : this.#rest);
      this.main.isSecond = this.canary !== undefined;
      return this.main;
    }
    if (this.canary !== undefined) return this.canary;
    this.canary = this.#open(this.published);
    this.canaries.opened(this.canary.publications.view.store.seq, (key) => this.published.object(key));
    return this.canary;
  }

  /** A stream closed, and is not of its lane any more. */
  left(lane: Lane, stream: StreamRecord): void {
    const { node } = stream;
    if (lane.streams.size === 0) {
      if (lane === this.canary) this.canary = undefined;
      else this.main = undefined;
      for (const each of this.lanes()) each.isSecond = false;
      this.#options.keep(this.#viewOf(lane.desired), lane.publications, this.#held());
    }
    if (this.isEmpty) {
      this.close();
      return;
    }
    if (lane === this.canary) {
      if (node.connected) this.canaries?.lost(stream, lane);
      else this.canaries?.left(node.id);
    }
    this.#judge.look(lane);
    if (this.canaries?.isWaiting !== true) return;
    this.#replaceCanary();
    this.promote();
  }

  publish(change: Change): void {
    this.#pending ??= { before: new Map(), again: new Set(), revision: change.revision, acceptedAt: change.acceptedAt };
    const { before, again } = this.#pending;
    for (const [key, was] of change.before) {
      if (before.has(key)) continue;
      const shown = this.published.held.has(key) ? this.published.held.get(key) : was;
      if (this.canaries !== undefined || this.#limit !== undefined) {
        if (!this.#isFor(shown) && !this.#isFor(this.#options.desired.object(key))) continue;
        this.canaries?.hold(key, shown);
      }
      before.set(key, shown);
    }
    for (const id of change.again) again.add(id);
    this.#pending.revision = change.revision;
    this.flush(change.trace);
  }

  /** Publishes what waits, unless it has to go on waiting. */
  flush(trace?: PublicationTrace): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    if (pending.before.size === 0 && pending.again.size === 0) {
      this.#pending = undefined;
      if (this.canaries?.isWaiting !== true) for (const lane of this.lanes()) lane.revision = Math.max(lane.revision, pending.revision);
      return;
    }
    const wait = this.#judge.isSearching ? Number.POSITIVE_INFINITY : (this.#limit?.take(performance.now()) ?? 0);
    if (wait > 0) {
      for (const lane of this.lanes()) lane.publications.expect(pending, lane.revision);
      if (Number.isFinite(wait) && this.#limitTimer === undefined)
        this.#limitTimer = this.#after(wait, () => {
          this.#limitTimer = undefined;
          this.flush();
        });
      return;
    }
    clearTimeout(this.#limitTimer);
    this.#limitTimer = undefined;
    this.#pending = undefined;
    if (this.#limit !== undefined) this.#options.events.waited(this.group, (performance.now() - pending.acceptedAt) / 1000);
    this.#unpark(pending.before);
    this.#send(pending, trace);
  }

  /**
   * Publishes other versions of some objects to all who may have them.
   * @param change holds and releases them
   */
  shift(keys: readonly string[], change: () => void): void {
    const lanes = [...this.lanes()].map((lane) => ({ lane, before: new Map(keys.map((key) => [key, lane.desired.object(key)])) }));
    change();
    const acceptedAt = performance.now();
    for (const { lane, before } of lanes) this.#publish(lane, before, [], { revision: lane.revision, acceptedAt });
  }

  /** Lets the rest have what the canaries have taken. @param anyway whether they have or not */
  promote(anyway = false): void {
    const { canaries } = this;
    if (canaries === undefined || (this.#judge.isBusy && !anyway)) return;
    const awaited = this.main?.publications.upcoming;
    const promotion = canaries.promote(this.canary, (key) => this.published.object(key), anyway);
    if (promotion === undefined) {
      this.#tellCanaries('refused');
      // All that was expected was parked: who waits for it waits for nothing more.
      if (this.main !== undefined && awaited !== undefined && !canaries.isWaiting && this.#pending === undefined)
        this.#publish(this.main, NOTHING, [], awaited);
      return;
    }
    const revision = canaries.isWaiting ? promotion.revision : Math.max(promotion.revision, awaited?.revision ?? 0);
    const acceptedAt = awaited?.acceptedAt ?? performance.now();
    if (this.main !== undefined) this.#publish(this.main, promotion.before, [], { revision, acceptedAt });
    this.#tellCanaries('passed');
    this.#watchCanaries();
  }

  settled(lane: Lane, stream: StreamRecord): void {
    this.#judge.look(lane);
    if (lane !== this.canary || this.canaries === undefined) return;
    this.canaries.answered(stream, lane);
    if (this.canaries.isWaiting) this.promote();
  }

  /** Publications of the lane are answered by all. */
  completed(lane: Lane): void {
    this.#judge.completed(lane);
  }

  rejected(lane: Lane, stream: StreamRecord, rejection: Rejection): void {
    this.#judge.rejected(lane, stream, rejection);
  }

  /** Has the version served again that was refused. @returns false where it was not parked */
  release(key: string): boolean {
    if (!this.#options.quarantines.end(this.key, key, 'by-hand')) return false;
    this.publish({
      before: new Map([[key, this.published.held.get(key)]]),
      again: [],
      revision: this.#options.desired.revision,
      acceptedAt: performance.now(),
    });
    return true;
  }

  close(): void {
    clearTimeout(this.#limitTimer);
    clearTimeout(this.#canaryTimer);
    this.#judge.close();
  }

  #isFor(object: Stored | undefined): boolean {
    return object !== undefined && servedBy(object, this.group);
  }

  /** What has changed since it was refused is tried again. */
  #unpark(keys: Iterable<readonly [string, unknown]>): void {
    if (this.published.held.size === 0) return;
    const { desired, quarantines } = this.#options;
    for (const [key] of keys) {
      if (!this.published.held.has(key)) continue;
      quarantines.follow(key, desired.object(key));
      if (!quarantines.of(this.key).has(key)) this.published.release(key);
    }
  }

  #send({ before, again, revision, acceptedAt }: Pending, trace: PublicationTrace | undefined): void {
    const { canaries, canary, main } = this;
    if (canaries === undefined) {
      if (main !== undefined) this.#publish(main, before, [...again], { revision, acceptedAt }, trace);
      return;
    }
    main?.publications.expect({ revision, acceptedAt }, main.revision);
    if (main !== undefined && again.size > 0) this.#publish(main, NOTHING, [...again], { revision: main.revision, acceptedAt });
    if (canary !== undefined) {
      this.#publish(canary, before, [...again], { revision, acceptedAt }, trace);
      for (const key of before.keys()) canaries.flew(key, canary.publications.view.store.seq, this.published.object(key));
    }
    this.#replaceCanary();
    this.#tellCanaries('passed');
    this.promote();
    this.#watchCanaries();
  }

  #publish(
    lane: Lane,
    before: ReadonlyMap<string, Stored | undefined>,
    again: readonly string[],
    about: Pick<Publication, 'revision' | 'acceptedAt'>,
    trace?: PublicationTrace,
  ): void {
    const { events } = this.#options;
    const expected = lane.publications.upcoming;
    lane.publish(before, again, about, (publication, startedAt) => events.announce(lane, publication, startedAt, trace));
    // What was awaited may have turned out to be nothing.
    if (expected !== undefined && lane.publications.upcoming === undefined) for (const stream of lane.streams) events.look(stream);
  }

  #open(desired: Desired): Lane {
    const publications = this.#options.open(this.#viewOf(desired), desired, this.#held());
    return new Lane(publications, desired, () => this.#options.quarantines.of(this.key).values());
  }

  #replaceCanary(): void {
    const streams = this.canaries?.replacement(this.canary, this.main) ?? [];
    if (streams.length > 0) this.#options.events.restart(streams, 'is to be the first that gets changes: come back for them');
  }

  /** The canaries have a view of their own. */
  #viewOf(desired: Desired): string {
    return this.canaries !== undefined && desired === this.published ? `canaries ${this.key}` : this.key;
  }

  /** The keys of objects that some lane does not have at their newest version. */
  #held(): Iterable<string> {
    return [...this.published.held.keys(), ...this.#rest.held.keys(), ...(this.#pending?.before.keys() ?? [])];
  }

  /** Nobody waits for canaries that do not answer. */
  #watchCanaries(): void {
    const { canaries } = this;
    clearTimeout(this.#canaryTimer);
    if (canaries?.isWaiting !== true) return;
    const left = canaries.since + this.#options.safety.canaryTimeout - performance.now();
    this.#canaryTimer = this.#after(Math.max(0, left), () => {
      // A search has its own end.
      if (this.#judge.isBusy) {
        this.#canaryTimer = this.#after(100, () => this.#watchCanaries());
        return;
      }
      const late = canaries.late(this.canary);
      canaries.stall(late);
      const nodes = late.map(({ id }) => id);
      this.#options.events.stalled(this.group, nodes);
      if (nodes.length > 0) this.#tell('stalled', nodes);
      this.promote(true);
    });
  }

  /** Tells that the others wait, or of the end of it. @param end how it ended, where it did */
  #tellCanaries(end: 'passed' | 'refused'): void {
    const isWaiting = this.canaries?.isWaiting === true;
    // Where there is nobody else, nobody waits.
    if (isWaiting === this.#isWaitTold || (isWaiting && (this.main === undefined || this.canary === undefined))) return;
    this.#isWaitTold = isWaiting;
    this.#tell(isWaiting ? 'waiting' : end, [...new Set([...(this.canary?.streams ?? [])].map(({ node }) => node.id))]);
  }

  #tell(state: CanaryStep['state'], nodes: readonly string[]): void {
    this.#options.events.canary(this.group, { state, of: this.canary?.revision ?? this.#options.desired.revision, nodes });
  }

  #after(milliseconds: number, act: () => void): NodeJS.Timeout {
    return setTimeout(act, milliseconds).unref();
  }
}
