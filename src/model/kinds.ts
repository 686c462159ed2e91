import type { Certificate } from './certificate.ts';
import type { Bookkeeping } from './common.ts';
import type { Listener } from './listener.ts';
import type { Raw } from './raw.ts';
import type { Route } from './route.ts';
import type { Service } from './service.ts';

/** The kinds of objects that people declare, in the order in which one may refer to those before it. */
export const KINDS = ['Certificate', 'Service', 'Listener', 'Route', 'Raw'] as const;

export type Kind = (typeof KINDS)[number];

/** Objects that say their kind and name themselves. A service is older than the kinds: it has an `id`, and no kind. */
export type Declared = Certificate | Listener | Route | Raw;

/** Anything that people declare. */
export type Wish = Service | Declared;

export type Stored<W extends Wish = Wish> = W & Bookkeeping;

export function isDeclared(wish: Wish): wish is Declared {
  return 'kind' in wish;
}

/** The other half of {@link isDeclared}, for what is stored. */
export function isService(object: Stored): object is Stored<Service> {
  return !isDeclared(object);
}

export function kindOf(wish: Wish): Kind {
  return isDeclared(wish) ? wish.kind : 'Service';
}

export function nameOf(wish: Wish): string {
  return isDeclared(wish) ? wish.name : wish.id;
}

/**
 * What an object is known by in the registry: the id of a service, `Kind/name` of everything else. Ids have no slash, so no
 * key is anybody else's.
 */
export function keyOf(wish: Wish): string {
  return isDeclared(wish) ? declaredKey(wish.kind, wish.name) : wish.id;
}

export function declaredKey(kind: Kind, name: string): string {
  return kind === 'Service' ? name : `${kind}/${name}`;
}

/** The other way round. */
export function splitKey(key: string): [kind: Kind, name: string] {
  const kind = KINDS.find((each) => each !== 'Service' && key.startsWith(declaredKey(each, '')));
  return kind === undefined ? ['Service', key] : [kind, key.slice(kind.length + 1)];
}

/** `Route "api"`, `Service "web"`: for people. */
export function titleOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? `service "${key}"` : `${key.slice(0, slash).toLowerCase()} "${key.slice(slash + 1)}"`;
}
