import { type Declared, isDeclared, type Kind, keyOf, type Stored } from '../model/kinds.ts';
import type { Service, StoredService } from '../model/service.ts';
import { HostIndex } from './hosts.ts';
import { Referrers } from './referrers.ts';
import { RawNames } from './resource-names.ts';

/** All objects, in memory. It changes only by adopting a draft. */
export class State {
  readonly #services = new Map<string, StoredService>();
  readonly #declared = new Map<string, Stored<Declared>>();
  readonly #hosts = new HostIndex();
  readonly #referrers = new Referrers();
  readonly #rawNames = new RawNames();
  /** What is not people's, by provider and key. */
  readonly #byProvider = new Map<string, Map<string, Stored>>();
  /** All ids in order; undefined after ids came or went, until somebody asks. */
  #order: readonly string[] | undefined;

  /** @param objects services whose groups do not overlap where their hosts are the same, and what refers only to what is there */
  constructor(objects: Iterable<Stored> = []) {
    for (const object of objects) {
      this.#put(object);
      this.#referrers.add(object);
      this.#rawNames.add(object);
      if (!isDeclared(object)) this.#hosts.claim(object);
    }
  }

  /** How many services there are. */
  get size(): number {
    return this.#services.size;
  }

  get hosts(): HostIndex {
    return this.#hosts;
  }

  get(id: string): StoredService | undefined {
    return this.#services.get(id);
  }

  object(key: string): Stored | undefined {
    return this.#services.get(key) ?? this.#declared.get(key);
  }

  /** The keys of those that refer to a key. */
  referrers(key: string): Iterable<string> {
    return this.#referrers.of(key);
  }

  /** The keys of raw resources by what they claim, see `claimsOf`. */
  get rawNames(): Pick<RawNames, 'of'> {
    return this.#rawNames;
  }

  providers(): readonly string[] {
    return [...this.#byProvider.keys()].toSorted();
  }

  ofProvider(provider: string): readonly Stored[] {
    return [...(this.#byProvider.get(provider)?.values() ?? [])];
  }

  ids(): Iterable<string> {
    return this.#services.keys();
  }

  /** By id. What it returned does not change with later commits. */
  list(): readonly StoredService[] {
    this.#order ??= [...this.#services.keys()].sort();
    const services: StoredService[] = [];
    for (const id of this.#order) {
      const service = this.#services.get(id);
      if (service !== undefined) services.push(service);
    }
    return services;
  }

  /** All that are no services, by key. */
  declared(kind?: Kind): readonly Stored<Declared>[] {
    const found = [...this.#declared.values()].filter((object) => kind === undefined || object.kind === kind);
    return found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** Becomes what the draft of it says; costs what changed. */
  adopt(draft: Draft): void {
    this.#hosts.adopt(draft.hosts);
    for (const [key, object] of draft.touched) {
      const before = this.object(key);
      if (before !== undefined) {
        this.#referrers.remove(before);
        this.#rawNames.remove(before);
        this.#disown(before);
      }
      if (object === null) {
        this.#delete(key);
        continue;
      }
      this.#put(object);
      this.#referrers.add(object);
      this.#rawNames.add(object);
    }
  }

  #disown({ provider, ...object }: Stored): void {
    if (provider === undefined) return;
    const all = this.#byProvider.get(provider);
    all?.delete(keyOf(object));
    if (all?.size === 0) this.#byProvider.delete(provider);
  }

  #put(object: Stored): void {
    if (object.provider !== undefined) {
      const all = this.#byProvider.get(object.provider) ?? new Map<string, Stored>();
      this.#byProvider.set(object.provider, all);
      all.set(keyOf(object), object);
    }
    if (isDeclared(object)) {
      this.#declared.set(keyOf(object), object);
      return;
    }
    if (!this.#services.has(object.id)) this.#order = undefined;
    this.#services.set(object.id, object);
  }

  #delete(key: string): void {
    if (this.#services.delete(key)) this.#order = undefined;
    this.#declared.delete(key);
  }
}

/** The successor of a state while it is being made: reads see the edits so far, the state itself does not change. */
export class Draft {
  readonly base: State;
  readonly hosts: HostIndex;
  /** What was set, by key and in the order of first touch; null for what was deleted. */
  readonly touched = new Map<string, Stored | null>();

  constructor(base: State) {
    this.base = base;
    this.hosts = new HostIndex(base.hosts);
  }

  get(id: string): StoredService | undefined {
    const found = this.object(id);
    return found === undefined || isDeclared(found) ? undefined : found;
  }

  object(key: string): Stored | undefined {
    const touched = this.touched.get(key);
    return touched === undefined ? this.base.object(key) : (touched ?? undefined);
  }

  /** Those of a kind that are no services. */
  *declared(kind: Kind): Iterable<Stored<Declared>> {
    for (const object of this.base.declared(kind)) if (!this.touched.has(keyOf(object))) yield object;
    for (const object of this.touched.values()) if (object !== null && isDeclared(object) && object.kind === kind) yield object;
  }

  /** @param object a service that has no rival, or anything else */
  set(object: Stored): void {
    this.#release(keyOf(object));
    if (!isDeclared(object)) this.hosts.claim(object);
    this.touched.set(keyOf(object), object);
  }

  delete(key: string): void {
    this.#release(key);
    this.touched.set(key, null);
  }

  /** Another service that serves the same host to some group that `service` is for. */
  rivalOf(service: Service): StoredService | undefined {
    const id = this.hosts.rivalOf(service);
    return id === undefined ? undefined : this.get(id);
  }

  #release(key: string): void {
    const current = this.get(key);
    if (current !== undefined) this.hosts.release(current);
  }
}
