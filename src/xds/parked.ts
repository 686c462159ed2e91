import type { Answer } from './frame.ts';
import type { Resource } from './resource.ts';

/**
 * State of the world, listeners and clusters: an answer lists everything, and so would hold what was refused before, to be
 * refused again with every change of something else. What a client refused by name is parked instead: until it changes, or
 * is asked for anew, answers hold in its place what the client has, which is what it took last, or nothing.
 */

interface Place {
  readonly refused: Resource;
  /** What the client has of the name. */
  readonly instead: Resource | undefined;
  /** An answer held that. */
  used: boolean;
}

/** The client was here before, and nobody knows what it has. */
const UNKNOWN = Symbol('unknown');

type Held = Resource | undefined | typeof UNKNOWN;

const NOBODY: ReadonlySet<string> = new Set();

export class Parked {
  readonly #places = new Map<string, Place>();
  /** The last answer of which the client took at least a part; shared with all who were sent it. */
  #taken: readonly Resource[] | undefined;
  /** What it has of the names in there that it refused. */
  #except: Map<string, Held> | undefined;

  get size(): number {
    return this.#places.size;
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  /** The same for the next stream of the client, as far as these stay back. */
  of(names: ReadonlySet<string>): Parked {
    const next = new Parked();
    for (const [name, place] of this.#places) if (names.has(name)) next.#places.set(name, { ...place });
    next.#taken = this.#taken;
    next.#except = this.#except === undefined ? undefined : new Map(this.#except);
    return next;
  }

  /** The client came back with exactly these. */
  holds(resources: readonly Resource[]): void {
    this.#taken = resources;
  }

  /**
   * The client took an answer, all but `refused`.
   * @param returning it held something before the stream began
   * @returns names that it took now, had refused before, and was sent without since
   */
  answered({ whole, withheld = NOBODY }: Answer, refused: ReadonlySet<string>, returning: boolean): readonly string[] {
    if (whole === undefined) return [];
    const except: Map<string, Held> | undefined =
      refused.size === 0 ? undefined : new Map([...refused].map((name) => [name, this.#held(name, returning)] as const));
    const taken: string[] = [];
    const before = new Map(this.#places);
    for (const [name, place] of this.#places) {
      if (withheld.has(name) || !whole.some((resource) => resource.name === name && resource.digest === place.refused.digest)) continue;
      this.#places.delete(name);
      if (place.used && !refused.has(name)) taken.push(name);
    }
    for (const resource of refused.size === 0 ? [] : whole) {
      if (!refused.has(resource.name)) continue;
      const instead = except?.get(resource.name);
      // An error that names what the client has taken before is about something else.
      if (instead === UNKNOWN || instead?.digest === resource.digest) continue;
      // Refused twice, it was left out in between all the same.
      const used = before.get(resource.name)?.refused.digest === resource.digest && before.get(resource.name)?.used === true;
      this.#places.set(resource.name, { refused: resource, instead, used });
    }
    this.#taken = whole;
    this.#except = except;
    return taken;
  }

  /** The client does not ask for it any more, and so does not hold it. */
  letGo(name: string): void {
    this.#places.delete(name);
    if (this.#taken === undefined) return;
    this.#except ??= new Map();
    this.#except.set(name, undefined);
  }

  /** The same for everything else than `kept`. */
  letGoOfAllBut(kept: ReadonlySet<string>): void {
    for (const name of this.#places.keys()) if (!kept.has(name)) this.#places.delete(name);
    this.#taken = this.#taken?.filter(({ name }) => kept.has(name));
  }

  /** What changed, or was asked for anew, is sent whatever became of it before. */
  release(isDue: (name: string) => boolean): void {
    for (const name of this.#places.keys()) if (isDue(name)) this.#places.delete(name);
  }

  /** Those of `resources` that stay back, by name, with what is sent in their place. */
  withhold(resources: Iterable<Resource>): ReadonlyMap<string, Resource | undefined> {
    const held = new Map<string, Resource | undefined>();
    for (const { name, digest } of resources) {
      const place = this.#places.get(name);
      if (place?.refused.digest !== digest) continue;
      place.used = true;
      held.set(name, place.instead);
    }
    return held;
  }

  #held(name: string, returning: boolean): Held {
    if (this.#except?.has(name)) return this.#except.get(name);
    if (this.#taken === undefined && returning) return UNKNOWN;
    return this.#taken?.find((resource) => resource.name === name);
  }
}
