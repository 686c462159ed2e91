import { keyOf, type Stored } from '../model/kinds.ts';
import type { Quarantined } from '../model/quarantined.ts';
import { servedBy } from '../model/service.ts';
import type { Answer } from '../xds/frame.ts';
import type { Rejection } from '../xds/rejection.ts';
import { shortName, type TypeUrl } from '../xds/types.ts';
import type { Canaries } from './canaries.ts';
import type { ChannelOptions } from './channel-options.ts';
import { concerns, isNamedAfter, isTable, namedCulprits, spokenOf } from './culprits.ts';
import type { Lane } from './lane.ts';
import type { NodeRecord, StreamRecord } from './node.ts';
import type { Overlay } from './overlay.ts';
import type { OnProbation } from './probation.ts';
import { search } from './search.ts';

/** What a judge reads and does of the channel that it is for. */
export interface Court {
  readonly key: string;
  readonly group: string;
  readonly published: Overlay;
  readonly canaries: Canaries | undefined;
  readonly canary: Lane | undefined;
  lanes(): Iterable<Lane>;
  /** Publishes other versions of some objects. */
  shift(keys: readonly string[], change: () => void): void;
  /** Goes on with what waited. */
  flush(): void;
  promote(): void;
}

type Suspect = Pick<OnProbation, 'key' | 'first' | 'last' | 'version' | 'good'> & {
  /** Nobody is known to have taken any version of it: what was before, history says. */
  readonly isNew?: boolean;
};

/** A refusal that is to be decided upon. */
interface Case {
  readonly lane: Lane;
  readonly type: TypeUrl;
  readonly message: string;
  readonly node: NodeRecord;
  readonly seq: number;
  readonly suspects: readonly Suspect[];
  /** It is these, as Envoy says. */
  readonly named: readonly Suspect[] | undefined;
  /** When it is to be decided with the answers that are there, monotonic milliseconds. */
  readonly due: number;
}

interface Search {
  readonly case: Case;
  readonly steps: ReturnType<typeof search>;
  /** Those whose answers count. */
  readonly jury: ReadonlySet<NodeRecord>;
  held: ReadonlySet<string>;
  seq: number;
  /** What became of the last step; at the beginning everything was refused. */
  isTaken: boolean;
  /** When the answers to a step, and the whole, are waited for no longer. */
  stepDue: number;
  readonly due: number;
}

/** What was refused and is parked: who else refuses it says nothing new. */
interface Sentence {
  readonly entry: Quarantined;
  readonly lane: Lane;
  readonly first: number;
  readonly last: number;
  readonly nodes: Set<string>;
}

/** Answers of other nodes are waited for as long; those to one step of a search; a whole search. Milliseconds. */
const GRACE_MS = 1000;
const STEP_MS = 3000;
const SEARCH_MS = 15_000;

/**
 * Finds out which objects Envoys refuse, and parks them: by Envoy's words where they name them, by what was new in the
 * answer, else by a search (`search.ts`). What one of several refuses and others take is left to that one, which goes on with
 * what it had; but not where a table is refused, since that holds up everything else in it.
 *
 * Nothing is decided while an answer is being read: what follows from it is published in a later turn of the event loop.
 */
export class Judge {
  readonly #channel: Court;
  readonly #options: ChannelOptions;
  readonly #cases = new Map<string, Case>();
  #sentences: Sentence[] = [];
  #search: Search | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Revisions that were reported to be unwanted. */
  readonly #unwanted = new Set<number>();

  constructor(channel: Court, options: ChannelOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  get isSearching(): boolean {
    return this.#search !== undefined;
  }

  /** Something is not decided yet. */
  get isBusy(): boolean {
    return this.#search !== undefined || this.#cases.size > 0;
  }

  rejected(lane: Lane, stream: StreamRecord, { answer, error: { message } }: Rejection): void {
    const { type, seq } = answer;
    const known = this.#sentences.filter((sentence) => sentence.lane === lane && isIn(answer, sentence) && sentence.entry.type === shortName(type));
    for (const { nodes } of known) nodes.add(stream.node.id);
    const suspects = this.#suspects(lane, answer);

    const names = namedCulprits(message, answer.names);
    const named = names === undefined ? undefined : suspects.filter(({ version, good }) => names.some((name) => isNamed([version, good], type, name)));
    const standing = stream.rejections.get(type);
    if (standing !== undefined) standing.objects = [...known.map(({ entry }) => entry.key), ...(named ?? suspects).map(({ key }) => key)];
    const key = `${lane === this.#channel.canary} ${type} ${seq}`;
    if ((named ?? suspects).length > 0 && !this.#cases.has(key))
      this.#cases.set(key, { lane, type, message, node: stream.node, seq, suspects, named, due: performance.now() + GRACE_MS });
    this.#schedule();
  }

  /** Something became of an answer. */
  look(lane: Lane): void {
    if (this.#search?.case.lane === lane || this.#cases.size > 0) this.#schedule();
  }

  /** Everybody in the lane has answered. */
  completed(lane: Lane): void {
    if (lane.probation.size === 0 || !lane.isProven || this.#cases.size > 0 || this.#search !== undefined) return;
    for (const { rejections } of lane.streams) if (rejections.size > 0) return;
    lane.probation.passed(lane.publications.view.store.seq);
    // What was refused so long ago is refused by nobody any more.
    this.#sentences = this.#sentences.filter((sentence) => sentence.lane !== lane);
  }

  close(): void {
    clearImmediate(this.#scheduled);
    clearTimeout(this.#timer);
    this.#scheduled = undefined;
    this.#search = undefined;
    this.#cases.clear();
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#search === undefined) this.#decide();
      if (this.#search !== undefined) this.#hear(this.#search);
      this.#tellUnwanted();
      if (!this.isBusy) {
        this.#channel.flush();
        this.#channel.promote();
        return;
      }
      const due = Math.min(this.#search?.stepDue ?? Number.POSITIVE_INFINITY, ...[...this.#cases.values()].map((each) => each.due));
      if (this.#scheduled === undefined) this.#timer = setTimeout(() => this.#schedule(), Math.max(1, due - performance.now())).unref();
    });
  }

  /** What was new to the nodes in the answer, and concerns what is in it. */
  #suspects(lane: Lane, { type, from, seq, names }: Answer): Suspect[] {
    const among = new Set(names);
    const isConcerned = (...objects: (Stored | undefined)[]): boolean => objects.some((object) => object !== undefined && concerns(object, type, among));
    const found: Suspect[] = lane.probation.within(from, seq).filter(({ version, good }) => isConcerned(version, good));
    if (from >= lane.filledSeq || lane.isProven) return found;
    const known = new Set(found.map(({ key }) => key));
    const { held } = this.#channel.published;
    for (const version of lane.desired.objects()) {
      const key = keyOf(version);
      if (known.has(key) || held.has(key) || lane.probation.has(key) || !servedBy(version, this.#channel.group) || !isConcerned(version)) continue;
      found.push({ key, first: lane.filledSeq, last: lane.filledSeq, version, good: undefined, isNew: true });
    }
    return found;
  }

  #decide(): void {
    for (const [id, each] of [...this.#cases]) {
      if (this.#search !== undefined && each.named === undefined) continue;
      // Another decision may have come first.
      const isOpen = ({ key, version }: Suspect): boolean => each.lane.desired.object(key) === version && !this.#isParked(key);
      const named = each.named?.filter(isOpen);
      const suspects = each.suspects.filter(isOpen);
      const verdict = (named ?? suspects).length === 0 ? 'dropped' : this.#weigh(each);
      if (verdict === 'open') continue;
      this.#cases.delete(id);
      if (verdict === 'dropped') continue;
      if (named !== undefined) this.#park(each, named);
      else if (suspects.length === 1) this.#park(each, suspects);
      else this.#begin({ ...each, suspects });
    }
  }

  #isParked(key: string): boolean {
    return this.#options.quarantines.of(this.#channel.key).has(key);
  }

  /** Whether it is the object that is at fault or the node; open as long as others may still tell. */
  #weigh({ lane, type, seq, due }: Case): 'guilty' | 'dropped' | 'open' {
    const { taken, refused, pending } = lane.tally(seq);
    if (refused.length === 0) return 'dropped';
    if (isTable(type)) return 'guilty';
    if (refused.length > taken.length + pending.length) return 'guilty';
    if (taken.length >= refused.length + pending.length) return 'dropped';
    if (performance.now() < due) return 'open';
    return refused.length > taken.length ? 'guilty' : 'dropped';
  }

  #begin(about: Case): void {
    const suspects = about.suspects.toSorted((a, b) => (b.version?.revision ?? 0) - (a.version?.revision ?? 0));
    const guess = spokenOf(
      about.message,
      suspects.map(({ key, version, good }) => ({ key, object: version ?? good })),
    );
    const steps = search(
      suspects.map(({ key }) => key),
      guess,
      suspects.every(({ isNew }) => isNew !== true),
    );
    const jury = new Set(about.lane.tally(about.seq).refused);
    const now = performance.now();
    this.#search = { case: { ...about, suspects }, steps, jury, held: new Set(), seq: 0, isTaken: false, stepDue: now + STEP_MS, due: now + SEARCH_MS };
    this.#step(this.#search, steps.next(false));
  }

  #step(current: Search, { done, value }: IteratorResult<ReadonlySet<string>, readonly string[]>): void {
    const { suspects, lane } = current.case;
    if (done === true || performance.now() > current.due) {
      this.#end(current, done === true ? new Set(value as readonly string[]) : current.held);
      return;
    }
    const held = value as ReadonlySet<string>;
    current.held = held;
    current.stepDue = performance.now() + STEP_MS;
    const { published } = this.#channel;
    const { store } = lane.publications.view;
    const touched = store.touched(current.case.type);
    this.#channel.shift(
      suspects.map(({ key }) => key),
      () => {
        for (const suspect of suspects) published.hold(suspect.key, held.has(suspect.key) ? this.#good(suspect) : suspect.version);
      },
    );
    current.seq = store.seq;
    // Nothing of what was refused is different: so is what they think of it.
    if (store.touched(current.case.type) === touched) this.#step(current, current.steps.next(current.isTaken));
    else this.#schedule();
  }

  /** What the jury made of the step. */
  #hear(current: Search): void {
    const { taken, refused, pending } = current.case.lane.tally(current.seq);
    const isJuror = (node: NodeRecord): boolean => current.jury.has(node);
    const isLate = performance.now() >= current.stepDue;
    if (refused.some(isJuror) || (taken.some(isJuror) && (isLate || !pending.some(isJuror)))) {
      current.isTaken = !refused.some(isJuror);
      this.#step(current, current.steps.next(current.isTaken));
    } else if (isLate || !pending.some(isJuror)) {
      // Nobody says anything any more: what is held back stays so.
      this.#end(current, current.held);
    }
  }

  #end({ case: about }: Search, culprits: ReadonlySet<string>): void {
    this.#search = undefined;
    const { lane, suspects } = about;
    const { published, canaries, canary } = this.#channel;
    this.#park(
      about,
      suspects.filter(({ key }) => culprits.has(key)),
      () => {
        for (const { key } of suspects) if (!culprits.has(key)) published.release(key);
      },
    );
    for (const { key } of suspects) {
      // Refused without any of them: so they are not what it is about.
      if (culprits.size === 0) lane.probation.forget(key);
      if (!culprits.has(key) && canary !== undefined) canaries?.flew(key, canary.publications.view.store.seq, published.object(key));
    }
    this.#cases.clear();
  }

  /** @param more what becomes of all other suspects */
  #park(about: Case, culprits: readonly Suspect[], more?: () => void): void {
    const { type, message, node, lane, suspects } = about;
    const { published, canaries, key: view, group } = this.#channel;
    const since = new Date().toISOString();
    const entries = culprits.map((suspect): Quarantined => {
      const good = this.#good(suspect);
      const revision = suspect.version?.revision ?? lane.revision;
      return { key: suspect.key, group, view, type: shortName(type), message, node: node.id, revision, good: good?.revision ?? null, since };
    });
    const nodes = lane.tally(about.seq).refused.map(({ id }) => id);
    const keys = (more === undefined ? culprits : suspects).map(({ key }) => key);
    this.#channel.shift(keys, () => {
      culprits.forEach((suspect, i) => {
        published.hold(suspect.key, this.#good(suspect));
        canaries?.drop(suspect.key);
        const entry = entries[i];
        if (entry === undefined) return;
        this.#options.quarantines.add(entry);
        this.#sentences.push({ entry, lane, first: suspect.first, last: Math.max(suspect.last, about.seq), nodes: new Set([node.id, ...nodes]) });
      });
      more?.();
    });
    for (const { key, isNew } of culprits) if (isNew !== true) for (const each of this.#channel.lanes()) each.probation.forget(key);
    for (const entry of entries) this.#options.events.quarantined(entry);
  }

  /** The last good version: the one that was taken, else, where nothing was yet, the one before in history. */
  #good({ key, version, good, isNew = false }: Suspect): Stored | undefined {
    if (version === undefined || !isNew) return good;
    return this.#options.asOf(key, version.revision - 1);
  }

  #tellUnwanted(): void {
    const { rollbackShare } = this.#options.safety;
    if (rollbackShare === undefined) return;
    const connected = new Set([...this.#channel.lanes()].flatMap(({ streams }) => [...streams].map(({ node }) => node.id)));
    for (const { entry, nodes } of this.#sentences) {
      const refused = [...nodes].filter((id) => connected.has(id)).length;
      if (refused <= rollbackShare * connected.size || this.#unwanted.has(entry.revision)) continue;
      this.#unwanted.add(entry.revision);
      this.#options.events.unwanted({ revision: entry.revision, group: entry.group, refused, nodes: connected.size, message: entry.message });
    }
  }
}

function isIn({ from, seq }: Answer, { first, last }: Sentence): boolean {
  return first <= seq && last > from;
}

function isNamed(objects: readonly (Stored | undefined)[], type: TypeUrl, name: string): boolean {
  return objects.some((object) => object !== undefined && isNamedAfter(object, type, name));
}
