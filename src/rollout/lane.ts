import type { Stored } from '../model/kinds.ts';
import type { Quarantined } from '../model/quarantined.ts';
import { servedBy } from '../model/service.ts';
import type { Desired } from './desired.ts';
import type { NodeRecord, StreamRecord } from './node.ts';
import { Probation } from './probation.ts';
import type { Publication, Publications } from './publications.ts';

/** What becomes of one publication, seen by nodes: a node is one voice, however many streams it has. */
export interface Tally {
  readonly taken: readonly NodeRecord[];
  readonly refused: readonly NodeRecord[];
  readonly pending: readonly NodeRecord[];
}

/** A view with the streams that follow it, and what of it nobody has taken yet. */
export class Lane {
  readonly publications: Publications;
  readonly streams = new Set<StreamRecord>();
  /** What the view is made from. */
  readonly desired: Desired;
  readonly probation = new Probation();
  /** There is another lane with the same content. */
  isSecond = false;
  /** The newest revision that is in it. */
  revision: number;
  /** The first content. Until somebody has taken it, nothing in it is known to be good. */
  readonly filledSeq: number;
  #isProven = false;

  /** What is parked, so that the nodes do not hold its newest version. */
  readonly parked: () => Iterable<Quarantined>;

  constructor(publications: Publications, desired: Desired, parked: () => Iterable<Quarantined> = () => []) {
    this.parked = parked;
    this.publications = publications;
    this.desired = desired;
    this.revision = desired.revision;
    this.filledSeq = publications.view.store.seq;
  }

  get isProven(): boolean {
    this.#isProven ||= this.accepted() >= this.filledSeq;
    return this.#isProven;
  }

  /**
   * Has the view follow, and everyone told.
   * @param before what was published of each object so far, by key
   * @returns the publication; undefined where nothing of it concerns the view
   */
  publish(
    before: ReadonlyMap<string, Stored | undefined>,
    again: readonly string[],
    about: Pick<Publication, 'revision' | 'acceptedAt'>,
    announce: (publication: Publication, startedAt: number) => void,
  ): Publication | undefined {
    const { view } = this.publications;
    const started = performance.now();
    const last = view.store.seq;
    // Asked before the view moves on, and only where something may have become good meanwhile.
    const accepted = this.probation.size === 0 ? last : this.accepted();
    const seq = view.follow(this.desired, [...before.keys()], again);
    const after = this.revision;
    this.revision = Math.max(after, about.revision);
    const expected = this.publications.arrived(seq, about.revision);
    if (seq === last) {
      if (expected === undefined && this.#concerns(before)) this.publications.same(about, after);
      return undefined;
    }
    for (const [key, was] of before) {
      const version = this.desired.object(key);
      if (version !== was) this.probation.note(key, seq, was, version, accepted);
    }
    const publication: Publication = Object.assign(expected ?? {}, { ...about, seq, after, remaining: this.streams.size, completedAt: undefined });
    this.publications.add(publication);
    announce(publication, started);
    return publication;
  }

  #concerns(before: ReadonlyMap<string, Stored | undefined>): boolean {
    const { group } = this.publications.view;
    return [...before].some(([key, was]) => [was, this.desired.object(key)].some((object) => object !== undefined && servedBy(object, group)));
  }

  /** The newest publication that some node has taken, with all of its streams. */
  accepted(): number {
    const byNode = new Map<NodeRecord, number>();
    let newest = -1;
    for (const stream of this.streams) {
      let taken = stream.settledSeq;
      for (const { from } of stream.rejections.values()) taken = Math.min(taken, from);
      if (stream.node.streams.size > 1) byNode.set(stream.node, Math.min(byNode.get(stream.node) ?? taken, taken));
      else newest = Math.max(newest, taken);
    }
    for (const taken of byNode.values()) newest = Math.max(newest, taken);
    return newest;
  }

  /** What nodes made of a publication. */
  tally(seq: number): Tally {
    const made = new Map<NodeRecord, 'taken' | 'refused' | 'pending'>();
    for (const { node, rejections, settledSeq } of this.streams) {
      const isRefused = [...rejections.values()].some(({ from, answer }) => from < seq && seq <= answer.seq);
      const known = made.get(node);
      if (isRefused) made.set(node, 'refused');
      else if (settledSeq < seq && known !== 'refused') made.set(node, 'pending');
      else if (known === undefined) made.set(node, 'taken');
    }
    const of = (what: 'taken' | 'refused' | 'pending'): NodeRecord[] => [...made].filter(([, each]) => each === what).map(([node]) => node);
    return { taken: of('taken'), refused: of('refused'), pending: of('pending') };
  }
}
