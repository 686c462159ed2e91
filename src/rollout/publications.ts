import type { GroupView } from './group-view.ts';

/** One publication of a view, and how far it has come. */
export interface Publication {
  /** Beyond all others as long as it is only expected. */
  seq: number;
  /** It holds the revisions after this one, as far as they concern the view … */
  readonly after: number;
  /** … up to this one. */
  revision: number;
  /** When the oldest change in it was accepted, on the monotonic clock, milliseconds. */
  readonly acceptedAt: number;
  /** Streams that have not settled it yet. */
  remaining: number;
  /** When the last of them did. */
  completedAt: number | undefined;
  /** When it had been handed to all streams that were ready; a stream that is done before needed nothing of it. */
  announcedAt?: number | undefined;
  /** When the first and when the last stream answered it, those that needed nothing and those that left aside. */
  firstAnswerAt?: number | undefined;
  lastAnswerAt?: number | undefined;
  /** Told of the streams that are done with it, where somebody watches it closely. */
  watcher?: PublicationWatcher | undefined;
}

export interface PublicationWatcher {
  /** @param left its stream closed before it was done */
  done(node: string, remaining: number, left: boolean): void;
  rejected(node: string, type: string, message: string): void;
}

/** As many publications of a view are remembered. */
const MOST = 4096;

/** What a view published, newest last, and which stream has taken which of it. The cost is one step for each stream and publication. */
export class Publications {
  readonly view: GroupView;
  #items: Publication[] = [];
  #trimmed = false;
  /** Publications that somebody has not settled yet. */
  pending = 0;
  /** What is to be published as soon as it may be: who waits for a revision in it waits for that. */
  upcoming: Publication | undefined;

  constructor(view: GroupView) {
    this.view = view;
  }

  add(publication: Publication): void {
    this.#items.push(publication);
    if (publication.completedAt === undefined) this.pending++;
    if (this.#items.length <= MOST) return;
    for (const { completedAt } of this.#items.splice(0, MOST / 4)) if (completedAt === undefined) this.pending--;
    this.#trimmed = true;
  }

  /** Revisions that change nothing of what the view holds: they have come as far as that has. */
  same({ revision, acceptedAt }: Pick<Publication, 'revision' | 'acceptedAt'>, after: number): void {
    const { newest } = this;
    if (newest === undefined) return;
    const completedAt = newest.completedAt === undefined ? undefined : performance.now();
    this.add({ seq: newest.seq, after, revision, acceptedAt, remaining: newest.remaining, completedAt });
  }

  /** What holds the revisions after `after` is not published yet. */
  expect({ revision, acceptedAt }: Pick<Publication, 'revision' | 'acceptedAt'>, after: number): void {
    if (this.upcoming === undefined) this.upcoming = { seq: Number.MAX_SAFE_INTEGER, after, revision, acceptedAt, remaining: 0, completedAt: undefined };
    else this.upcoming.revision = Math.max(this.upcoming.revision, revision);
  }

  /** What was expected is there: as a publication that is about to be added, or as nothing new where everybody has had it. */
  arrived(seq: number, revision: number): Publication | undefined {
    const { upcoming } = this;
    if (upcoming === undefined || upcoming.revision > revision) return undefined;
    upcoming.seq = seq;
    upcoming.completedAt = performance.now();
    this.upcoming = undefined;
    return upcoming;
  }

  get newest(): Publication | undefined {
    return this.#items.at(-1);
  }

  /**
   * The publication that holds the revision, a later one where that is forgotten; undefined where the view was not touched
   * by it, or not yet.
   */
  holding(revision: number): Publication | undefined {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle]?.revision ?? 0) < revision) low = middle + 1;
      else high = middle;
    }
    const found = this.#items[low] ?? this.upcoming;
    return found === undefined || (found.after >= revision && !(low === 0 && this.#trimmed)) ? undefined : found;
  }

  /** The newest publication up to `seq`. */
  at(seq: number): Publication | undefined {
    return this.#items.findLast((item) => item.seq <= seq);
  }

  /** Those who watch the publications after `from`, up to `to`. */
  *watchers(from: number, to: number): Generator<PublicationWatcher> {
    for (const { seq, watcher } of this.#items) if (watcher !== undefined && seq > from && seq <= to) yield watcher;
  }

  /**
   * One stream is done with the publications after `from`, up to `to`.
   * @param left it closed before it had answered them
   * @returns those that were waiting for nobody else
   */
  done(from: number, to: number, now: number, node = '', left = false): Publication[] {
    const completed: Publication[] = [];
    for (let i = this.#items.length - 1; i >= 0; i--) {
      const item = this.#items[i];
      if (item === undefined || item.seq <= from) break;
      if (item.seq > to) continue;
      item.remaining--;
      if (item.announcedAt !== undefined && !left) {
        item.firstAnswerAt ??= now;
        item.lastAnswerAt = now;
      }
      item.watcher?.done(node, item.remaining, left);
      if (item.remaining === 0) {
        item.completedAt = now;
        item.watcher = undefined;
        this.pending--;
        completed.push(item);
      }
    }
    return completed;
  }
}
