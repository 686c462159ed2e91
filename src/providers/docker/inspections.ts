import { type Facts, factsOf } from './facts.ts';
import { type EngineFault, faultOf } from './fault.ts';

/** How many containers are asked about at a time. */
const AT_A_TIME = 8;

export interface Inspector {
  inspect(id: string): Promise<unknown>;
  take(facts: Facts): void;
  /** The engine does not know it. */
  gone(id: string): void;
  /** The engine itself could not be asked. */
  broke(fault: EngineFault): void;
}

/** Looks at containers that something happened to, a few at a time, and at each once for all that happened to it meanwhile. */
export class Inspections {
  readonly #inspector: Inspector;
  /** To look at, each with how often something happened to it: an answer from before the last time is out of date. */
  readonly #dirty = new Map<string, number>();
  readonly #busy = new Set<string>();
  /** Those that the engine did not tell about, and why. */
  readonly #unread = new Map<string, string>();
  #quiet = Promise.withResolvers<void>();
  #closed = false;

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  touch(id: string): void {
    this.#dirty.set(id, (this.#dirty.get(id) ?? 0) + 1);
    this.#next();
  }

  forget(id: string): void {
    this.#dirty.delete(id);
    this.#unread.delete(id);
  }

  isDirty(id: string): boolean {
    return this.#dirty.has(id);
  }

  isUnread(id: string): boolean {
    return this.#unread.has(id);
  }

  /** Resolves when there is nothing left to look at, or nothing is looked at any more. */
  quiet(): Promise<void> {
    if (this.#closed || (this.#dirty.size === 0 && this.#busy.size === 0)) return Promise.resolve();
    return this.#quiet.promise;
  }

  /** Why some are not as the engine has them, where that is so. */
  get fault(): string | undefined {
    const [first] = this.#unread;
    if (first === undefined) return undefined;
    const [id, why] = first;
    return `${this.#unread.size} ${this.#unread.size === 1 ? 'container' : 'containers'} could not be looked at: ${id.slice(0, 12)}: ${why}`;
  }

  close(): void {
    this.#closed = true;
    this.#quiet.resolve();
  }

  #next(): void {
    for (const id of this.#dirty.keys()) {
      if (this.#closed || this.#busy.size >= AT_A_TIME) return;
      if (!this.#busy.has(id)) void this.#look(id);
    }
  }

  async #look(id: string): Promise<void> {
    this.#busy.add(id);
    const seen = this.#dirty.get(id);
    try {
      const answer = await this.#inspector.inspect(id);
      // Else something happened to it meanwhile, and it is looked at again.
      if (this.#dirty.get(id) === seen) this.#took(id, answer);
    } catch (thrown) {
      this.#failed(id, faultOf(thrown));
    }
    if (this.#dirty.get(id) === seen) this.#dirty.delete(id);
    this.#busy.delete(id);
    this.#next();
    if (this.#busy.size > 0 || this.#dirty.size > 0) return;
    this.#quiet.resolve();
    this.#quiet = Promise.withResolvers();
  }

  #took(id: string, answer: unknown): void {
    if (this.#closed) return;
    this.#unread.delete(id);
    this.#inspector.take(factsOf(answer));
  }

  #failed(id: string, fault: EngineFault): void {
    if (this.#closed) return;
    if (fault.status === 404) this.#inspector.gone(id);
    else if (fault.isOfOne) this.#unread.set(id, fault.message);
    else this.#inspector.broke(fault);
  }
}
