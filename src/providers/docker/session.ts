import { setTimeout as sleep } from 'node:timers/promises';
import { Belonging } from './belonging.ts';
import type { EngineClient } from './client.ts';
import { type EngineEvent, readEvents } from './events.ts';
import type { Facts } from './facts.ts';
import { EngineFault, faultOf } from './fault.ts';
import { Inspections } from './inspections.ts';
import { difference } from './listed.ts';
import { loose, text } from './loose.ts';
import type { Roster } from './roster.ts';

/** More containers than this are not looked at, and as many events are kept during the first look. */
const MOST_CONTAINERS = 20_000;

/** An event may come a little after the list that shows what it tells, milliseconds. */
const EVENT_GRACE = 2000;

export interface SessionOptions {
  readonly client: EngineClient;
  readonly roster: Roster;
  /** True where containers without a label of ours count, too. */
  readonly all: boolean;
  /** Milliseconds between two comparisons with the engine's list. */
  readonly reconcile: number;
  readonly now: () => number;
  /** Something in the roster changed. */
  onChange(): void;
  /** The roster is as the engine has it. @param unread why some containers are not, where that is so */
  onSynced(unread: string | undefined): void;
  onEvent(event: EngineEvent): void;
}

/**
 * One connection to an engine: it hears of everything that happens from before the first list on, so that nothing is lost in
 * between, and looks at each container that something happened to.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #belonging: Belonging;
  readonly #inspections: Inspections;
  /** Aborted when it is over, with the reason. */
  readonly #over = new AbortController();
  readonly #broken = Promise.withResolvers<never>();
  /** Asked to stop before they were looked at for the first time. */
  readonly #early = new Map<string, EngineEvent>();
  /** Heard during the first look. */
  #held: EngineEvent[] | undefined = [];
  #heard = 0;
  #refresh = Promise.withResolvers<'all'>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#belonging = new Belonging(options.all);
    this.#inspections = new Inspections({
      inspect: (id) => options.client.inspect(id, this.#over.signal),
      take: (facts) => this.#take(facts),
      gone: (id) => this.#gone(id),
      broke: (fault) => this.#end(fault),
    });
    // Told to whoever awaits `run`; once nobody does, it is too late to matter.
    this.#broken.promise.catch(() => undefined);
  }

  /**
   * Until it ends, one way or another.
   * @param since by the engine's clock, milliseconds: what happened from then on is heard first
   * @throws EngineFault why it ended
   */
  async run(since: number, signal: AbortSignal): Promise<never> {
    const stop = (): void => this.#end(new EngineFault('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const parts: Promise<void>[] = [];
    try {
      const stream = await this.#unlessBroken(this.#options.client.events(since, this.#over.signal));
      parts.push(this.#listen(stream));
      await this.#unlessBroken(this.#compare('all'));
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const event of held) this.#hear(event);
      this.#options.onSynced(this.#inspections.fault);
      parts.push(this.#keepComparing());
      return await this.#broken.promise;
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await Promise.allSettled(parts);
    }
  }

  /** Looks at everything anew, now. */
  refresh(): void {
    this.#refresh.resolve('all');
  }

  #end(fault: EngineFault): void {
    this.#broken.reject(fault);
    this.#inspections.close();
    if (!this.#over.signal.aborted) this.#over.abort(fault);
  }

  #unlessBroken<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#broken.promise]);
  }

  async #listen(stream: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const event of readEvents(stream)) {
        this.#heard += 1;
        if (this.#held === undefined) this.#hear(event);
        else if (this.#held.push(event) > MOST_CONTAINERS) throw new EngineFault('the engine tells of more than can be kept');
      }
      this.#end(new EngineFault('the engine ended its stream of events'));
    } catch (thrown) {
      this.#end(faultOf(thrown));
    }
  }

  #hear(event: EngineEvent): void {
    const { roster, client, now, onChange, onEvent } = this.#options;
    onEvent(event);
    // What an event says by itself counts at once: who is told to stop gets no more requests from now on.
    if (roster.hear(event, client.skew, now())) onChange();
    if (event.what === 'destroy') this.#gone(event.id);
    if (event.what === 'destroy' || this.#belonging.isForeign(event.id)) return;
    if (event.what === 'kill' && !roster.has(event.id)) this.#early.set(event.id, event);
    this.#belonging.revive(event.id);
    this.#inspections.touch(event.id);
  }

  #take(facts: Facts): void {
    const { roster, client, now, onChange } = this.#options;
    const { id, labels } = facts.container;
    const early = this.#early.get(id);
    this.#early.delete(id);
    if (!this.#belonging.isOurs(id, labels)) return;
    const isNews = roster.put(facts, client.skew, now());
    const wasEarly = early !== undefined && roster.hear(early, client.skew, now());
    const lender = this.#belonging.lenderOf(facts.container);
    if (lender !== undefined && !roster.has(lender)) this.#inspections.touch(lender);
    if (isNews || wasEarly) onChange();
  }

  #gone(id: string): void {
    if (this.#options.roster.gone(id, this.#options.now())) this.#options.onChange();
    this.#early.delete(id);
    this.#inspections.forget(id);
    this.#belonging.forget(id);
  }

  /**
   * Compares with the engine's list, and looks at everything or at what differs.
   * @returns true where the list shows what events should have told
   */
  async #compare(what: 'all' | 'different'): Promise<boolean> {
    const { client, roster, now } = this.#options;
    const there = new Set<string>();
    let missed = false;
    for (const entry of (await client.list(this.#over.signal)).slice(0, MOST_CONTAINERS)) {
      const id = text(entry.Id);
      if (id === undefined) continue;
      there.add(id);
      if (!this.#belonging.isOurs(id, loose(entry.Labels)) || this.#belonging.isOld(id)) continue;
      const differs = difference(roster.get(id)?.container, entry);
      if (differs === 'life' && !this.#inspections.isDirty(id)) missed = true;
      if (what === 'all' || differs !== undefined || this.#inspections.isUnread(id)) this.#inspections.touch(id);
    }
    for (const id of roster.ids()) {
      if (there.has(id)) continue;
      missed = true;
      this.#gone(id);
    }
    await this.#inspections.quiet();
    this.#belonging.prune(roster, there, now());
    return missed;
  }

  /** A stream may be dead without anybody knowing: then the list shows what no event told, or is not answered. */
  async #keepComparing(): Promise<void> {
    const { signal } = this.#over;
    try {
      for (;;) {
        const what = await this.#due();
        const heard = this.#heard;
        if ((await this.#unlessBroken(this.#compare(what))) && what === 'different') {
          await sleep(EVENT_GRACE, undefined, { signal });
          if (this.#heard === heard) throw new EngineFault('the engine has stopped telling what happens', { again: true });
        }
        this.#options.onSynced(this.#inspections.fault);
      }
    } catch (thrown) {
      this.#end(faultOf(thrown));
    }
  }

  /** Until it is time to compare, or somebody asks for it. */
  async #due(): Promise<'all' | 'different'> {
    this.#refresh = Promise.withResolvers();
    const timer = new AbortController();
    const due = sleep(this.#options.reconcile, 'different' as const, { signal: timer.signal });
    due.catch(() => undefined);
    try {
      return await this.#unlessBroken(Promise.race([due, this.#refresh.promise]));
    } finally {
      timer.abort();
    }
  }
}
