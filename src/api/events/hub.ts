import { EnvoyageError } from '../../lib/errors.ts';
import type { Revision } from '../../model/revision.ts';
import type { EventName, FleetEvent } from '../types.ts';
import { type Cursor, formatId } from './cursor.ts';
import { revisionEvent } from './summary.ts';

/** An event with what a reader says to go on after it. */
export interface Numbered {
  readonly id: string;
  readonly event: FleetEvent;
}

/** What the hub reads of the journal. */
export interface Journal {
  readonly revision: number;
  /** Newest first, those below `before`. */
  revisions(options: { limit: number; before?: number | undefined }): Revision[];
}

export interface HubOptions {
  readonly journal: Journal;
  /** How many events are kept for those who come back; 10,000 unless given. */
  readonly capacity?: number;
  /** How many may listen at the same time; 100 unless given. */
  readonly subscribers?: number;
  /** Tells this run of the daemon from others: numbers of events begin anew with each. */
  readonly run: string;
  now(): Date;
}

/** Without the two fields that the hub fills in. */
export type News<E extends FleetEvent = FleetEvent> = E extends FleetEvent ? Omit<E, 'revision' | 'time'> : never;

/** As many revisions are read from the journal at a time for who goes far back. */
const PAGE = 100;

/**
 * What happens, in order, for all who listen. The newest events are kept in a ring; who comes back goes on where it was, and where
 * the ring begins later, the journal still knows the revisions. Nothing is queued for anybody: a reader asks for the next
 * event when it can take one, and one that the ring has overtaken is let go.
 */
export class EventHub {
  readonly #options: HubOptions;
  readonly #capacity: number;
  readonly #ring: FleetEvent[] = [];
  /** The number of the next event; they count up from 1. */
  #next = 1;
  /** Revisions up to this one were made before the ring began. */
  #before: number;
  readonly #readers = new Set<Reader>();

  constructor(options: HubOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? 10_000;
    this.#before = options.journal.revision;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** A revision that was committed. */
  committed(revision: Revision): void {
    this.#add(revisionEvent(revision));
  }

  /** Anything else. */
  publish(news: News, time = this.#options.now()): void {
    this.#add({ ...news, revision: this.#options.journal.revision, time: time.toISOString() } as FleetEvent);
  }

  /**
   * @param from where to begin; undefined for what happens from now on
   * @param only the events wanted; all unless given. A gap is always told
   * @param wake called when there may be something to read after `next` had nothing, and when the reader was let go
   * @throws EnvoyageError too-many-listeners
   */
  subscribe(from: Cursor | undefined, only: ReadonlySet<EventName> | undefined, wake: () => void): Reader {
    const most = this.#options.subscribers ?? 100;
    if (this.#readers.size >= most) {
      throw new EnvoyageError('too-many-listeners', `${most} listen to events already`, { hint: 'end one of them, or ask GET /api/v1/revisions now and then' });
    }
    const reader = new Reader(this.#position(from), wake, {
      ring: (number) => this.#read(number),
      history: (after) => this.#history(after),
      wanted: (event) => only === undefined || event.event === 'gap' || only.has(event.event),
      done: () => this.#readers.delete(reader),
    });
    this.#readers.add(reader);
    return reader;
  }

  /** Lets everyone go. */
  close(): void {
    for (const reader of [...this.#readers]) reader.end();
  }

  #add(event: FleetEvent): void {
    const slot = (this.#next - 1) % this.#capacity;
    const overwritten = this.#ring[slot];
    if (overwritten?.event === 'revision') this.#before = overwritten.revision;
    this.#ring[slot] = event;
    this.#next++;
    const oldest = this.#oldest;
    for (const reader of [...this.#readers]) reader.look(oldest);
  }

  get #oldest(): number {
    return Math.max(1, this.#next - this.#capacity);
  }

  /** 'lost' where the ring has gone past it, undefined where it is still to come. */
  #read(number: number): Numbered | 'lost' | undefined {
    if (number >= this.#next) return undefined;
    if (number < this.#oldest) return 'lost';
    const event = this.#ring[(number - 1) % this.#capacity] as FleetEvent;
    return { id: formatId({ run: this.#options.run, number, revision: event.revision }), event };
  }

  /** Where a reader begins: in the ring, or with the revisions of the journal after `after`, then with the ring. */
  #position(from: Cursor | undefined): Position {
    if (from === undefined) return { number: this.#next };
    const { run, journal, now } = { run: this.#options.run, journal: this.#options.journal, now: this.#options.now };
    if (from.run === run && from.number !== undefined && from.number + 1 >= this.#oldest) return { number: Math.min(from.number + 1, this.#next) };
    const after = Math.min(from.revision, journal.revision);
    // Who was here before has missed what was no revision; who names a revision knows that from the journal at most.
    const missed = from.run !== undefined || after < this.#before;
    const gap = {
      id: formatId({ run, revision: after }),
      event: { event: 'gap', lost: 'others', from: after + 1, revision: after, time: now().toISOString() },
    } as const;
    const first = missed ? [gap] : [];
    if (after < this.#before) return { number: this.#oldest, after, first };
    for (let number = this.#oldest; number < this.#next; number++) {
      const event = this.#ring[(number - 1) % this.#capacity] as FleetEvent;
      if (event.event === 'revision' && event.revision === after) return { number: number + 1, first };
    }
    return { number: this.#oldest, first };
  }

  /** What the journal says of the revisions after one and before the ring: a page of them, oldest first, with what is missing. */
  #history(after: number): { readonly events: Numbered[]; readonly last: number } | undefined {
    const last = this.#before;
    if (after >= last) return undefined;
    const { journal, run } = this.#options;
    const found = journal.revisions({ limit: PAGE, before: Math.min(after + PAGE, last) + 1 }).filter(({ number }) => number > after);
    const numbered = (event: FleetEvent): Numbered => ({ id: formatId({ run, number: undefined, revision: event.revision }), event });
    const events: Numbered[] = [];
    const reached = Math.min(after + PAGE, last);
    let told = after;
    const lost = (to: number): void => {
      if (to > told) events.push(numbered({ event: 'gap', lost: 'revisions', from: told + 1, revision: to, time: this.#options.now().toISOString() }));
    };
    for (const revision of found.toReversed()) {
      lost(revision.number - 1);
      events.push(numbered(revisionEvent(revision)));
      told = revision.number;
    }
    lost(reached);
    return { events, last: reached };
  }
}

interface Source {
  ring(number: number): Numbered | 'lost' | undefined;
  history(after: number): { readonly events: Numbered[]; readonly last: number } | undefined;
  wanted(event: FleetEvent): boolean;
  done(): void;
}

interface Position {
  /** In the ring. */
  readonly number: number;
  /** Revisions after this one come first, from the journal. */
  readonly after?: number;
  /** Told before all others. */
  readonly first?: readonly Numbered[];
}

/** One who listens, at its own pace. */
export class Reader {
  readonly #source: Source;
  readonly #wake: () => void;
  #number: number;
  #after: number | undefined;
  #page: Numbered[];
  #ended = false;

  constructor({ number, after, first = [] }: Position, wake: () => void, source: Source) {
    this.#number = number;
    this.#after = after;
    this.#page = [...first];
    this.#wake = wake;
    this.#source = source;
  }

  /** True once there will be nothing more: it was too slow, or the daemon shuts down. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next event, undefined where there is none yet, or none any more. */
  next(): Numbered | undefined {
    while (!this.#ended) {
      const found = this.#page.shift() ?? this.#turn();
      if (found === undefined) return undefined;
      if (this.#source.wanted(found.event)) return found;
    }
    return undefined;
  }

  /** Something happened. Who has not read what the ring now begins with never will. */
  look(oldest: number): void {
    if (this.#number < oldest && this.#after === undefined) this.end();
    else this.#wake();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#source.done();
    this.#wake();
  }

  #turn(): Numbered | undefined {
    while (this.#after !== undefined) {
      const page = this.#source.history(this.#after);
      this.#after = page?.last;
      this.#page = page?.events ?? [];
      const found = this.#page.shift();
      if (found !== undefined) return found;
    }
    const found = this.#source.ring(this.#number);
    if (found === 'lost') {
      this.end();
      return undefined;
    }
    if (found !== undefined) this.#number++;
    return found;
  }
}
