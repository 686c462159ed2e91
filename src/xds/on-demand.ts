import type { Aliases, Demand } from './aliases.ts';
import type { DeltaRequest } from './codec.ts';
import { split } from './delta.ts';
import { EVERYTHING, type Frame, type FrameCache, makeFrame } from './frame.ts';
import { sumVersion } from './resource.ts';
import { type Entry, writeDeltaResponse } from './responses.ts';
import type { Store } from './store.ts';
import type { Subscription } from './subscription.ts';
import type { TypeUrl } from './types.ts';

/** What a request changes where names have aliases, and what is to be sent next; see {@link Aliases}. */

const WILDCARD = '*';

/** What stands for "there is nothing" when a client comes back and says which versions it has. */
const NO_VERSION = 'none';

/** As many names without a resource are remembered for a stream; anybody may make Envoy ask for more. */
export const MOST_UNKNOWN = 100_000;

/** Applies a request. What is to be answered at once goes into `sub.fresh`, as it was asked. */
export function applyOnDemand(sub: Subscription, aliases: Aliases, request: DeltaRequest, first: boolean): void {
  const { subscribe, unsubscribe, initialVersions } = request;
  sub.demand ??= { asked: new Set(), unknown: new Set(), held: new Map(), compare: false };
  const { asked, unknown, held } = sub.demand;
  // Everything is nothing here, and whoever asks for it waits to be told.
  if ((first && subscribe.length === 0 && unsubscribe.length === 0) || subscribe.includes(WILDCARD)) sub.owed = true;
  for (const name of subscribe) if (name !== WILDCARD) asked.add(aliases.canonical(name));
  // All at once: one by one, a set that streams share is made anew every few names.
  sub.fresh.addAll(first && initialVersions.size > 0 ? subscribe.filter((name) => !initialVersions.has(name)) : subscribe);
  for (const name of unsubscribe) {
    const canonical = aliases.canonical(name);
    asked.delete(canonical);
    unknown.delete(canonical);
    sub.fresh.delete(name);
    if (held.has(canonical)) sub.gone.add(canonical);
  }
  if (!first || initialVersions.size === 0) return;
  sub.returning = true;
  sub.demand.compare = true;
  for (const [name, version] of initialVersions) {
    if (version === NO_VERSION) unknown.add(name);
    else held.set(name, version);
  }
}

/** What is to be sent now. Moves the cursors. Undefined where the client lags too far behind. */
export function nextOnDemand(sub: Subscription, store: Store, cache: FrameCache): readonly Frame[] | undefined {
  const changes = store.since(sub.type, sub.cursor);
  const aliases = store.aliases(sub.type);
  const { demand } = sub;
  if (changes === undefined || aliases === undefined || demand === undefined) return undefined;
  const due = new Due(sub.type, store, aliases, demand);
  for (const name of sub.gone) due.drop(name);
  sub.gone.clear();
  if (demand.compare) due.compare();
  demand.compare = false;
  for (const name of changes.keys()) due.changed(name);
  for (const name of sub.fresh) due.answer(name);
  const from = sub.asksAnew ? EVERYTHING : sub.cursor;
  // Without a question the same names make the same answer, whoever gets it.
  const key = sub.asksAnew ? undefined : ['on demand', sub.type, from, ...due.names()].join(' ');
  const made =
    due.isEmpty && !sub.owed
      ? []
      : cache.shared(
          key,
          (kept) => sub.mayTake(kept),
          () => due.frames(from, sub.owed),
        );
  sub.servedUpTo(store.seq, store.seq);
  return made;
}

/** Gathers what one answer, or several, are to hold. */
class Due {
  readonly #type: TypeUrl;
  readonly #store: Store;
  readonly #aliases: Aliases;
  readonly #demand: Demand;
  /** By the resource's name: what was asked and led there. */
  readonly #found = new Map<string, Set<string>>();
  readonly #absent: string[] = [];
  readonly #removed = new Set<string>();

  constructor(type: TypeUrl, store: Store, aliases: Aliases, demand: Demand) {
    this.#type = type;
    this.#store = store;
    this.#aliases = aliases;
    this.#demand = demand;
  }

  get isEmpty(): boolean {
    return this.#found.size === 0 && this.#removed.size === 0 && this.#absent.length === 0;
  }

  names(): string[] {
    return [...this.#found.keys(), '-', ...this.#removed];
  }

  /** The client is to let go of it. */
  drop(name: string): void {
    if (!this.#demand.held.delete(name)) return;
    this.#removed.add(name);
    this.#found.delete(name);
  }

  /** Answers a question. */
  answer(asked: string): void {
    const name = this.#aliases.canonical(asked);
    const answer = this.#resolve(name);
    if (answer === undefined) {
      this.#absent.push(asked);
      this.#forgetOldest(name);
      return;
    }
    this.#demand.unknown.delete(name);
    this.#lead(answer);
    if (answer !== asked) this.#found.get(answer)?.add(asked);
  }

  /** A publication touched the resource. */
  changed(name: string): void {
    const { held } = this.#demand;
    if (this.#store.get(this.#type, name) === undefined) {
      if (!held.has(name)) return;
      this.drop(name);
      // A wider pattern may answer now.
      for (const each of this.#askedFor(name)) this.#again(each);
      return;
    }
    if (held.has(name) || this.#aliases.patterns(name).some((pattern) => held.has(pattern))) this.#send(name);
    else for (const each of this.#askedFor(name)) this.#again(each);
  }

  /** What the client came back with against what there is. */
  compare(): void {
    const { asked, held } = this.#demand;
    for (const [name, version] of [...held]) {
      const resource = this.#store.get(this.#type, name);
      if (resource === undefined) this.drop(name);
      else if (resource.version !== version) this.#send(name);
    }
    for (const name of asked) this.#again(name);
  }

  /**
   * @param from see {@link Answer}
   * @param owed an answer is due even if it is empty
   */
  frames(from: number, owed: boolean): readonly Frame[] {
    const resources = [...this.#found.keys()].flatMap((name) => this.#store.get(this.#type, name) ?? []);
    const parts = split(resources).map((part) =>
      part.map(({ name, version, any }): Entry => ({ name, version, any, aliases: [...(this.#found.get(name) ?? [])] })),
    );
    const removed = [...this.#removed];
    const absent = this.#absent.map((name): Entry => ({ name, version: NO_VERSION, aliases: [name] }));
    const frames: Frame[] = [];
    // No name may be in an answer twice, and what is taken away may be asked for at the same time.
    if (removed.length > 0) frames.push(this.#frame(from, [], removed));
    for (const part of parts) if (part.length > 0) frames.push(this.#frame(from, part, []));
    if (absent.length > 0) frames.push(this.#frame(from, absent, []));
    // Envoy's watch on a namespace is told of an answer only where a name in it is of that namespace (watch_map.cc); without
    // one the listener would wait 15 s for its first hosts (initial_fetch_timeout).
    else if (owed && frames.length === 0) frames.push(this.#frame(from, [], [this.#aliases.nobody]));
    return frames;
  }

  #frame(from: number, entries: readonly Entry[], removed: readonly string[]): Frame {
    const version = sumVersion(this.#store.sum(this.#type));
    const names = [...entries.map(({ name }) => name), ...removed];
    const about = { type: this.#type, version, from, seq: this.#store.seq, names };
    return makeFrame(about, [], (nonce) => writeDeltaResponse(this.#type, version, nonce, entries, removed));
  }

  /** The resource that answers to a name in its canonical form. */
  #resolve(name: string): string | undefined {
    return [name, ...this.#aliases.patterns(name)].find((each) => this.#store.get(this.#type, each) !== undefined);
  }

  /** What a name leads to is sent where the client does not hold it. */
  #again(name: string): void {
    const answer = this.#resolve(name);
    if (answer === undefined) return;
    this.#demand.unknown.delete(name);
    if (!this.#demand.held.has(answer)) this.#lead(answer);
  }

  /** Sends the answer; a pattern with all that is below it, since the client asks no more for what it seems to have. */
  #lead(answer: string): void {
    const isNew = !this.#demand.held.has(answer);
    this.#send(answer);
    if (!isNew || !this.#aliases.isPattern(answer)) return;
    for (const name of this.#store.resources(this.#type).keys()) {
      if (!this.#demand.held.has(name) && this.#aliases.patterns(name).includes(answer)) this.#send(name);
    }
  }

  #send(name: string): void {
    const resource = this.#store.get(this.#type, name);
    if (resource === undefined) return;
    this.#demand.held.set(name, resource.version);
    if (!this.#found.has(name)) this.#found.set(name, new Set());
  }

  /** The names asked for that the resource answers to, or would. */
  #askedFor(name: string): string[] {
    if (this.#demand.asked.has(name)) return [name];
    return this.#aliases.isPattern(name) ? [...this.#demand.asked].filter((each) => this.#aliases.patterns(each).includes(name)) : [];
  }

  #forgetOldest(name: string): void {
    const { asked, unknown } = this.#demand;
    unknown.add(name);
    const [oldest] = unknown;
    if (unknown.size <= MOST_UNKNOWN || oldest === undefined) return;
    unknown.delete(oldest);
    asked.delete(oldest);
  }
}
