/**
 * The resource types, in the order in which a change is sent (xds_protocol.rst, "Eventual consistency considerations"):
 * clusters, their endpoints, listeners, routes, virtual hosts. What is removed goes in the last place, when nothing refers to it any
 * more, see {@link referrers}. Secrets and types unknown here have no place in that order: nothing waits for them.
 */
export const SEND_ORDER = [
  'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  'type.googleapis.com/envoy.config.listener.v3.Listener',
  'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  'type.googleapis.com/envoy.config.route.v3.VirtualHost',
] as const;

export type TypeUrl = string;

export const CLUSTER: TypeUrl = SEND_ORDER[0];
export const ENDPOINTS: TypeUrl = SEND_ORDER[1];
export const LISTENER: TypeUrl = SEND_ORDER[2];
export const ROUTES: TypeUrl = SEND_ORDER[3];
export const VIRTUAL_HOST: TypeUrl = SEND_ORDER[4];
export const SECRET: TypeUrl = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

/** What people call them. */
const SHORT_NAMES: Readonly<Record<TypeUrl, string>> = {
  [CLUSTER]: 'cds',
  [ENDPOINTS]: 'eds',
  [LISTENER]: 'lds',
  [ROUTES]: 'rds',
  [VIRTUAL_HOST]: 'vhds',
  [SECRET]: 'sds',
};

export const KNOWN_TYPES: readonly TypeUrl[] = Object.keys(SHORT_NAMES);

/** `cds`, `eds`, …; the message's own name for a type that has no short one. */
export function shortName(type: TypeUrl): string {
  return SHORT_NAMES[type] ?? type.slice(type.lastIndexOf('.') + 1);
}

/** Its place in the send order; undefined where the order does not bind it. */
export function sendPlace(type: TypeUrl): number | undefined {
  const place = (SEND_ORDER as readonly string[]).indexOf(type);
  return place < 0 ? undefined : place;
}

/**
 * Listeners and clusters are sent whole in the state-of-the-world variant: what is not in the answer is gone
 * (xds_protocol.rst, "Grouping Resources into Responses"). Answers of the other types may hold a part.
 */
export function isWhole(type: TypeUrl): boolean {
  return type === LISTENER || type === CLUSTER;
}

/**
 * What may refer to resources of a type, so that none of them is taken away while something that the client holds still
 * leads there. Removals thus go the other way round than what is added: listeners, routes, clusters, endpoints. Nothing
 * refers to a virtual host that is asked for by itself.
 */
const REFERRERS: Readonly<Record<TypeUrl, readonly TypeUrl[]>> = {
  [ROUTES]: [LISTENER],
  [CLUSTER]: [LISTENER, ROUTES, VIRTUAL_HOST],
  [ENDPOINTS]: [CLUSTER],
  [SECRET]: [LISTENER, CLUSTER],
};

/** The types that may refer to resources of `type`. */
export function referrers(type: TypeUrl): readonly TypeUrl[] {
  return REFERRERS[type] ?? [];
}
