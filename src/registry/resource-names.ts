import { declaredKey, isDeclared, type Kind, keyOf, type Wish } from '../model/kinds.ts';
import { type Raw, resourceNameOf } from '../model/raw.ts';
import { BUILT_IN_LISTENER } from '../model/references.ts';

/** The names that Envoys know resources by: each is one object's, in the groups that it is for. */

const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const ENDPOINTS = 'envoy.config.endpoint.v3.ClusterLoadAssignment';
const LISTENER = 'envoy.config.listener.v3.Listener';
const ROUTES = 'envoy.config.route.v3.RouteConfiguration';
const SECRET = 'envoy.extensions.transport_sockets.tls.v3.Secret';

/** The messages that an object of the kind becomes under its own name. */
const MADE: Readonly<Partial<Record<Kind, readonly string[]>>> = { Service: [CLUSTER, ENDPOINTS], Listener: [LISTENER, ROUTES], Certificate: [SECRET] };

/** What every group has unless a listener of that name is declared. */
const BUILT_IN: ReadonlySet<string> = new Set([LISTENER, ROUTES].map((message) => `${message} ${BUILT_IN_LISTENER}`));

export function isBuiltIn(claim: string): boolean {
  return BUILT_IN.has(claim);
}

/** Message and name of each resource that bears a name of the object's. */
export function claimsOf(wish: Wish): readonly string[] {
  if (!isDeclared(wish)) return (MADE.Service ?? []).map((message) => `${message} ${wish.id}`);
  if (wish.kind === 'Raw') return [claimOf(wish)];
  return (MADE[wish.kind] ?? []).map((message) => `${message} ${wish.name}`);
}

function claimOf(raw: Raw): string {
  return `${raw.type.slice(raw.type.lastIndexOf('/') + 1)} ${resourceNameOf(raw)}`;
}

/** The keys of objects other than raw ones that would make such a resource. */
export function makersOf(claim: string): string[] {
  const [message = '', ...rest] = claim.split(' ');
  const name = rest.join(' ');
  return (Object.keys(MADE) as Kind[]).flatMap((kind) => (MADE[kind]?.includes(message) ? [declaredKey(kind, name)] : []));
}

/** Which raw resources claim what, by keys. */
export class RawNames {
  readonly #byClaim = new Map<string, Set<string>>();

  add(wish: Wish): void {
    if (!isRaw(wish)) return;
    const claim = claimOf(wish);
    const known = this.#byClaim.get(claim) ?? new Set<string>();
    this.#byClaim.set(claim, known);
    known.add(keyOf(wish));
  }

  remove(wish: Wish): void {
    if (!isRaw(wish)) return;
    const claim = claimOf(wish);
    const known = this.#byClaim.get(claim);
    known?.delete(keyOf(wish));
    if (known?.size === 0) this.#byClaim.delete(claim);
  }

  of(claim: string): Iterable<string> {
    return this.#byClaim.get(claim) ?? [];
  }
}

export function isRaw(wish: Wish): wish is Raw {
  return isDeclared(wish) && wish.kind === 'Raw';
}
