import type { Service } from '../model/service.ts';

/** The slot of a service without groups: every group's. No group has this name, for names are never empty. */
const ALL = '';

/**
 * Which service serves a host to which group. A lookup costs the groups of the one service that asks, not the services
 * on the host. Over a `base` it is an overlay: it sees through to the base, and keeps its own changes to itself.
 */
export class HostIndex {
  readonly #base: HostIndex | undefined;
  /** Host → group → id; null hides the base's slot. */
  readonly #slots = new Map<string, Map<string, string | null>>();

  constructor(base?: HostIndex) {
    this.#base = base;
  }

  /** The id of another service that serves the same host to some group that `service` is for (model's `groupsOverlap`). */
  rivalOf(service: Service): string | undefined {
    if (service.host === undefined) return undefined;
    if (service.groups === undefined) return this.#anyOther(service.host, service.id);
    for (const slot of [ALL, ...service.groups]) {
      const owner = this.#owner(service.host, slot);
      if (owner !== undefined && owner !== service.id) return owner;
    }
    return undefined;
  }

  /** The id of a service on `host`, whichever its groups. */
  anyOn(host: string): string | undefined {
    return this.#anyOther(host, undefined);
  }

  claim(service: Service): void {
    if (service.host !== undefined) for (const slot of slotsOf(service)) this.#put(service.host, slot, service.id);
  }

  release(service: Service): void {
    if (service.host !== undefined) for (const slot of slotsOf(service)) this.#put(service.host, slot, null);
  }

  /** Takes over what an overlay of this index changed; costs what changed. */
  adopt(overlay: HostIndex): void {
    for (const [host, slots] of overlay.#slots) for (const [slot, id] of slots) this.#put(host, slot, id);
  }

  #owner(host: string, slot: string): string | undefined {
    const own = this.#slots.get(host)?.get(slot);
    if (own !== undefined) return own ?? undefined;
    return this.#base === undefined ? undefined : this.#base.#owner(host, slot);
  }

  #anyOther(host: string, id: string | undefined): string | undefined {
    const own = this.#slots.get(host);
    for (const owner of own?.values() ?? []) if (owner !== null && owner !== id) return owner;
    const below = this.#base === undefined ? undefined : this.#base.#slots.get(host);
    for (const [slot, owner] of below ?? []) if (owner !== null && owner !== id && !own?.has(slot)) return owner;
    return undefined;
  }

  #put(host: string, slot: string, id: string | null): void {
    const slots = this.#slots.get(host) ?? new Map<string, string | null>();
    this.#slots.set(host, slots);
    if (id !== null || this.#base !== undefined) {
      slots.set(slot, id);
      return;
    }
    slots.delete(slot);
    if (slots.size === 0) this.#slots.delete(host);
  }
}

function slotsOf(service: Service): readonly string[] {
  return service.groups ?? [ALL];
}
