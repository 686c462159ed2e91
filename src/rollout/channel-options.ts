import type { Stored } from '../model/kinds.ts';
import type { Quarantined } from '../model/quarantined.ts';
import type { CanarySize } from './canaries.ts';
import type { Desired } from './desired.ts';
import type { Lane } from './lane.ts';
import type { StreamRecord } from './node.ts';
import type { Publication, Publications } from './publications.ts';
import type { Quarantines } from './quarantine.ts';
import type { PublicationTrace } from './trace.ts';

/** A revision that too many refuse. */
export interface Refused {
  readonly revision: number;
  readonly group: string;
  readonly refused: number;
  readonly nodes: number;
  readonly message: string;
}

export interface JudgeEvents {
  quarantined(entry: Quarantined): void;
  /** More of the group refuse a revision than may. */
  unwanted(revision: Refused): void;
}

/** What becomes of what the canaries get first. */
export interface CanaryStep {
  /**
   * `waiting`: the others wait for them; `stalled`: those did not answer in time; `passed`: the others get what waited; `refused`: they
   * do not, since all of it was parked.
   */
  readonly state: 'waiting' | 'stalled' | 'passed' | 'refused';
  /** The newest revision that the canaries have. */
  readonly of: number;
  /** The canaries; where they stalled, those that did not answer. */
  readonly nodes: readonly string[];
}

/** How carefully changes go out to a group. */
export interface Safety {
  /** Who gets a change first; undefined where all do at once. */
  readonly canary?: CanarySize | undefined;
  /** As long does the rest wait for the canaries, milliseconds. */
  readonly canaryTimeout: number;
  /** Publications a second; undefined for as many as there are changes. */
  readonly pushLimit?: number | undefined;
  /** A revision is taken back that more than this share of the nodes refuse; undefined for never. */
  readonly rollbackShare?: number | undefined;
}

export interface ChannelEvents extends JudgeEvents {
  /** A lane has something new for its streams. */
  announce(lane: Lane, publication: Publication, startedAt: number, trace: PublicationTrace | undefined): void;
  /** Somebody may wait for what has become of the stream. */
  look(stream: StreamRecord): void;
  restart(streams: readonly StreamRecord[], reason: string): void;
  /** Canaries did not answer in time, and the rest goes on without them. */
  stalled(group: string, nodes: readonly string[]): void;
  /** Told where there are others that wait, once for each wait. */
  canary(group: string, step: CanaryStep): void;
  /** @param seconds that a publication had to wait because of the limit */
  waited(group: string, seconds: number): void;
}

export interface ChannelOptions {
  /** The way in which its clients ask, and the group. */
  readonly key: string;
  readonly group: string;
  readonly desired: Desired;
  readonly safety: Safety;
  readonly quarantines: Quarantines;
  /**
   * Makes a view of a state, or brings one up to date that was kept.
   * @param view its name, one for each lane
   * @param held the keys of objects that are not at their newest version
   */
  open(view: string, desired: Desired, held: Iterable<string>): Publications;
  /**
   * Nobody uses the view any more.
   * @param missed the keys of objects that it may not have at their newest version
   */
  keep(view: string, publications: Publications, missed: Iterable<string>): void;
  /** An object as it was as of a revision. */
  asOf(key: string, revision: number): Stored | undefined;
  /** What was changed since, RFC 3339, as it was before. */
  changedSince(time: string): ReadonlyMap<string, Stored | undefined>;
  readonly events: ChannelEvents;
}
