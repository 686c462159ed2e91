import { Histogram } from '../lib/histogram.ts';
import { KNOWN_TYPES, shortName, type TypeUrl } from '../xds/types.ts';
import type { Publication } from './publications.ts';

/** What streams of one group did with one type, since the start. Incremented on every answer, so plain numbers. */
export class TypeMeter {
  sent = 0;
  acked = 0;
  rejected = 0;
  sentBytes = 0;
  receivedBytes = 0;
  heartbeats = 0;
}

/**
 * The ways of a change, in their order: the transaction; the wait for the end of the turn of the event loop; what the
 * change means for a view; encoding it and handing it to the streams that are ready; their answers. The last three count
 * once for each view.
 */
export const STAGES = ['commit', 'queue', 'publish', 'send', 'ack'] as const;
export type Stage = (typeof STAGES)[number];

/** Seconds. A change reaches a small fleet in a few milliseconds; an Envoy that warms clusters may take a minute. */
const ROLLOUT_BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];
const STAGE_BOUNDS = [0.0001, 0.0002, 0.0005, ...ROLLOUT_BOUNDS];

/** Stands for all groups and types that have no name of their own in the metrics. */
export const OTHERS = '(other)';

/** Groups are what clients call themselves: as many have numbers of their own, and only those with names of a sane length. */
const MOST_GROUPS = 100;
const LONGEST_NAME = 128;

/** What one group did, since the start. */
export class GroupMeter {
  readonly group: string;
  readonly #types: ReadonlyMap<TypeUrl, TypeMeter> = new Map(KNOWN_TYPES.map((type) => [type, new TypeMeter()]));
  readonly #otherTypes = new TypeMeter();
  /** Open now, by variant and service. */
  readonly streams = new Map<string, { readonly variant: string; readonly service: string; count: number }>();
  /** Seconds from an accepted change to the first and to the last answer of those that it went to. */
  readonly firstAnswer = new Histogram(ROLLOUT_BOUNDS);
  readonly lastAnswer = new Histogram(ROLLOUT_BOUNDS);
  /** Streams that were ended because they fell behind the log. */
  overruns = 0;
  /** Objects that were parked since they were refused, and times that the rest went on without canaries that did not answer. */
  quarantined = 0;
  canaryTimeouts = 0;
  /** Revisions that were taken back since too many refused them. */
  rollbacks = 0;
  /** Seconds that publications waited because of the limit; those that went at once are in it. */
  readonly pushWait = new Histogram(ROLLOUT_BOUNDS);

  constructor(group: string) {
    this.group = group;
    for (const variant of ['delta', 'sotw']) this.stream(variant, 'ads', 0);
  }

  type(type: TypeUrl): TypeMeter {
    return this.#types.get(type) ?? this.#otherTypes;
  }

  /** By short name; types that are unknown here are added up. */
  *types(): Generator<[name: string, meter: TypeMeter]> {
    for (const [type, meter] of this.#types) yield [shortName(type), meter];
    yield [OTHERS, this.#otherTypes];
  }

  /** @param change 1 where a stream opened, -1 where it closed */
  stream(variant: string, service: string, change: number): void {
    const key = `${variant} ${service}`;
    const entry = this.streams.get(key) ?? { variant, service, count: 0 };
    entry.count += change;
    this.streams.set(key, entry);
  }
}

/** The numbers that the fleet keeps while it works. What can be counted when somebody asks is not in here. */
export class Meters {
  readonly #groups = new Map<string, GroupMeter>();
  readonly #others = new GroupMeter(OTHERS);
  #othersUsed = false;
  readonly stages: Readonly<Record<Stage, Histogram>> = {
    commit: new Histogram(STAGE_BOUNDS),
    queue: new Histogram(STAGE_BOUNDS),
    publish: new Histogram(STAGE_BOUNDS),
    send: new Histogram(STAGE_BOUNDS),
    ack: new Histogram(STAGE_BOUNDS),
  };
  /** Changes that were accepted, and those of them that went out together with an earlier one. */
  commits = 0;
  coalesced = 0;

  /** @param groups those that are known from the start */
  constructor(groups: Iterable<string> = []) {
    for (const group of groups) this.group(group);
  }

  /** These publications are waiting for nobody else any more. Those that nobody had to answer do not count. */
  completed({ firstAnswer, lastAnswer }: GroupMeter, publications: readonly Publication[]): void {
    for (const { acceptedAt, announcedAt, firstAnswerAt, lastAnswerAt } of publications) {
      if (announcedAt === undefined || firstAnswerAt === undefined || lastAnswerAt === undefined) continue;
      firstAnswer.observe((firstAnswerAt - acceptedAt) / 1000);
      lastAnswer.observe((lastAnswerAt - acceptedAt) / 1000);
      this.stages.ack.observe((lastAnswerAt - announcedAt) / 1000);
    }
  }

  /** The numbers of a group, or of all that come too late to have their own. */
  group(group: string): GroupMeter {
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    if (this.#groups.size >= MOST_GROUPS || group.length > LONGEST_NAME) {
      this.#othersUsed = true;
      return this.#others;
    }
    const made = new GroupMeter(group);
    this.#groups.set(group, made);
    return made;
  }

  /** All groups that have numbers; the last may stand for those that have none of their own. */
  *groups(): Generator<GroupMeter> {
    yield* this.#groups.values();
    if (this.#othersUsed) yield this.#others;
  }
}
