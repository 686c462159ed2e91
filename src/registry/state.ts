import type { Service, StoredService } from '../model/service.ts';
import { HostIndex } from './hosts.ts';

/** All services, in memory. It changes only by adopting a draft. */
export class State {
  readonly #services = new Map<string, StoredService>();
  readonly #hosts = new HostIndex();
  /** All ids in order; undefined after ids came or went, until somebody asks. */
  #order: readonly string[] | undefined;

  /** @param services whose groups do not overlap where their hosts are the same */
  constructor(services: Iterable<StoredService> = []) {
    for (const service of services) {
      this.#services.set(service.id, service);
      this.#hosts.claim(service);
    }
  }

  get size(): number {
    return this.#services.size;
  }

  get hosts(): HostIndex {
    return this.#hosts;
  }

  get(id: string): StoredService | undefined {
    return this.#services.get(id);
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

  /** Becomes what the draft of it says; costs what changed. */
  adopt(draft: Draft): void {
    this.#hosts.adopt(draft.hosts);
    for (const [id, service] of draft.touched) {
      if (service === null || !this.#services.has(id)) this.#order = undefined;
      if (service === null) this.#services.delete(id);
      else this.#services.set(id, service);
    }
  }
}

/** The successor of a state while it is being made: reads see the edits so far, the state itself does not change. */
export class Draft {
  readonly base: State;
  readonly hosts: HostIndex;
  /** What was set, by id and in the order of first touch; null for what was deleted. */
  readonly touched = new Map<string, StoredService | null>();

  constructor(base: State) {
    this.base = base;
    this.hosts = new HostIndex(base.hosts);
  }

  get(id: string): StoredService | undefined {
    const touched = this.touched.get(id);
    return touched === undefined ? this.base.get(id) : (touched ?? undefined);
  }

  /** @param service one that has no rival */
  set(service: StoredService): void {
    this.#release(service.id);
    this.hosts.claim(service);
    this.touched.set(service.id, service);
  }

  delete(id: string): void {
    this.#release(id);
    this.touched.set(id, null);
  }

  /** Another service that serves the same host to some group that `service` is for. */
  rivalOf(service: Service): StoredService | undefined {
    const id = this.hosts.rivalOf(service);
    return id === undefined ? undefined : this.get(id);
  }

  #release(id: string): void {
    const current = this.get(id);
    if (current !== undefined) this.hosts.release(current);
  }
}
