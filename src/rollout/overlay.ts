import { isService, type Kind, keyOf, kindOf, type Stored } from '../model/kinds.ts';
import type { StoredService } from '../model/service.ts';
import type { Desired } from './desired.ts';

/** A desired state in which some objects are held at another version than the newest. What is held at undefined is not there. */
export class Overlay implements Desired {
  readonly #base: Desired;
  readonly #held = new Map<string, Stored | undefined>();

  constructor(base: Desired) {
    this.#base = base;
  }

  get revision(): number {
    return this.#base.revision;
  }

  /** The keys of what is held. */
  get held(): ReadonlyMap<string, Stored | undefined> {
    return this.#held;
  }

  hold(key: string, version: Stored | undefined): void {
    this.#held.set(key, version);
  }

  release(key: string): void {
    this.#held.delete(key);
  }

  object(key: string): Stored | undefined {
    return this.#held.has(key) ? this.#held.get(key) : this.#base.object(key);
  }

  get(id: string): StoredService | undefined {
    if (this.#held.size === 0) return this.#base.get(id);
    const found = this.object(id);
    return found !== undefined && isService(found) ? found : undefined;
  }

  list(): Iterable<StoredService> {
    return this.#held.size === 0 ? this.#base.list() : this.#services();
  }

  objects(kind?: Kind): Iterable<Stored> {
    return this.#held.size === 0 ? this.#base.objects(kind) : this.#objects(kind);
  }

  *#services(): Iterable<StoredService> {
    for (const object of this.#objects('Service')) if (isService(object)) yield object;
  }

  *#objects(kind: Kind | undefined): Iterable<Stored> {
    for (const object of this.#base.objects(kind)) if (!this.#held.has(keyOf(object))) yield object;
    for (const object of this.#held.values()) if (object !== undefined && (kind === undefined || kindOf(object) === kind)) yield object;
  }
}
