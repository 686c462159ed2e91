export type TypeUrl = string;

export const CLUSTER: TypeUrl = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
export const ENDPOINTS: TypeUrl = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';
export const EXTENSION: TypeUrl = 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig';
export const LISTENER: TypeUrl = 'type.googleapis.com/envoy.config.listener.v3.Listener';
export const SCOPED_ROUTES: TypeUrl = 'type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration';
export const ROUTES: TypeUrl = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';
export const VIRTUAL_HOST: TypeUrl = 'type.googleapis.com/envoy.config.route.v3.VirtualHost';
export const SECRET: TypeUrl = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';
export const RUNTIME: TypeUrl = 'type.googleapis.com/envoy.service.runtime.v3.Runtime';

/**
 * The resource types, in the order in which a change is sent (xds_protocol.rst, "Eventual consistency considerations"):
 * clusters, their endpoints, filters' configuration, listeners, scopes, routes, virtual hosts. What is removed goes in the last
 * place, when nothing refers to it any more, see {@link referrers}. Secrets, runtime layers and types unknown here have no place
 * in that order: nothing waits for them.
 */
export const SEND_ORDER: readonly TypeUrl[] = [CLUSTER, ENDPOINTS, EXTENSION, LISTENER, SCOPED_ROUTES, ROUTES, VIRTUAL_HOST];

/** What people call them. */
const SHORT_NAMES: Readonly<Record<TypeUrl, string>> = {
  [CLUSTER]: 'cds',
  [ENDPOINTS]: 'eds',
  [LISTENER]: 'lds',
  [ROUTES]: 'rds',
  [VIRTUAL_HOST]: 'vhds',
  [SECRET]: 'sds',
  [EXTENSION]: 'ecds',
  [SCOPED_ROUTES]: 'srds',
  [RUNTIME]: 'rtds',
};

export const KNOWN_TYPES: readonly TypeUrl[] = Object.keys(SHORT_NAMES);

/** `cds`, `eds`, …; the message's own name for a type that has no short one. */
export function shortName(type: TypeUrl): string {
  return SHORT_NAMES[type] ?? type.slice(type.lastIndexOf('.') + 1);
}

/** The type of a name that people call it by; undefined for one that nobody knows. */
export function typeNamed(short: string): TypeUrl | undefined {
  return KNOWN_TYPES.find((type) => SHORT_NAMES[type] === short);
}

/** Its place in the send order; undefined where the order does not bind it. */
export function sendPlace(type: TypeUrl): number | undefined {
  const place = SEND_ORDER.indexOf(type);
  return place < 0 ? undefined : place;
}

/**
 * Listeners and clusters are sent whole in the state-of-the-world variant: what is not in the answer is gone
 * (xds_protocol.rst, "Grouping Resources into Responses"). So are scopes: Envoy drops those that an answer lacks
 * (scoped_rds.cc, onConfigUpdate). Answers of the other types may hold a part.
 */
export function isWhole(type: TypeUrl): boolean {
  return type === LISTENER || type === CLUSTER || type === SCOPED_ROUTES;
}

/** Types that a client asks for only where something it holds says so. */
export function isOptional(type: TypeUrl): boolean {
  return type === EXTENSION || type === SCOPED_ROUTES || type === VIRTUAL_HOST;
}

/**
 * What may refer to resources of a type, so that none of them is taken away while something that the client holds still
 * leads there. Removals thus go the other way round than what is added: listeners, routes, clusters, endpoints. Nothing
 * refers to a virtual host that is asked for by itself.
 */
const REFERRERS: Readonly<Record<TypeUrl, readonly TypeUrl[]>> = {
  [EXTENSION]: [LISTENER],
  [SCOPED_ROUTES]: [LISTENER],
  [ROUTES]: [LISTENER, SCOPED_ROUTES],
  [CLUSTER]: [LISTENER, ROUTES, VIRTUAL_HOST, EXTENSION],
  [ENDPOINTS]: [CLUSTER],
  [SECRET]: [LISTENER, CLUSTER, EXTENSION],
};

/** The types that may refer to resources of `type`. */
export function referrers(type: TypeUrl): readonly TypeUrl[] {
  return REFERRERS[type] ?? [];
}
