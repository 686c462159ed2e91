import { keyOf, type Stored } from '../model/kinds.ts';
import type { Route } from '../model/route.ts';
import type { StoredService } from '../model/service.ts';

export type StoredRoute = Stored<Route>;

/** Which routes and services are about which host, and which routes lead to which service: what has to be made anew when one of them changes. */
export class Hosts {
  readonly #services = new Map<string, string>();
  readonly #routes = new Map<string, Set<StoredRoute>>();
  /** Routes by the id of a service that they lead to. */
  readonly #leading = new Map<string, Set<StoredRoute>>();

  *[Symbol.iterator](): Iterator<string> {
    yield* this.#services.keys();
    for (const host of this.#routes.keys()) if (!this.#services.has(host)) yield host;
  }

  /** The id of the service whose host it is. */
  serviceOf(host: string): string | undefined {
    return this.#services.get(host);
  }

  /** By key, those for one listener. */
  routesOf(host: string, listener: string): StoredRoute[] {
    const routes = [...(this.#routes.get(host) ?? [])].filter(({ listeners }) => listeners === undefined || listeners.includes(listener));
    return routes.length < 2 ? routes : routes.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** The hosts whose requests may come to a service. */
  *leadingTo({ id, host }: StoredService): Iterable<string> {
    if (host !== undefined) yield host;
    for (const { hosts } of this.#leading.get(id) ?? []) yield* hosts;
  }

  /** @param host must be nobody else's by the time that it is asked for */
  addService({ id, host }: StoredService): void {
    if (host !== undefined) this.#services.set(host, id);
  }

  removeService({ id, host }: StoredService): void {
    if (host !== undefined && this.#services.get(host) === id) this.#services.delete(host);
  }

  addRoute(route: StoredRoute): void {
    for (const host of route.hosts) add(this.#routes, host, route);
    for (const { service } of route.to ?? []) add(this.#leading, service, route);
  }

  removeRoute(route: StoredRoute): void {
    for (const host of route.hosts) remove(this.#routes, host, route);
    for (const { service } of route.to ?? []) remove(this.#leading, service, route);
  }
}

function add<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const known = map.get(key) ?? new Set<T>();
  map.set(key, known);
  known.add(value);
}

function remove<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const known = map.get(key);
  known?.delete(value);
  if (known?.size === 0) map.delete(key);
}
