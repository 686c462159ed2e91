import type { Route } from '../model/route.ts';
import type { Service } from '../model/service.ts';

/** The only place that makes names of Envoy resources. */

/** The cluster through which an Envoy reaches the control plane; bootstraps define it, and what Envoyage sends may refer to it. */
export const XDS_CLUSTER = 'xds_cluster';

/** The listener that a group has by `--listener`, its route table, and the prefix of their statistics. */
export const HTTP = 'http';

/** A service's cluster, the assignment of its endpoints, and its virtual host. */
export function serviceName(service: Pick<Service, 'id'>): string {
  return service.id;
}

/** A cluster that a service's own is made of. Ids have no slash, so that it is nobody else's. */
export function partName(service: Pick<Service, 'id'>, part: string): string {
  return `${service.id}/${part}`;
}

/** A virtual host that is asked for by itself (vhds.rst, "Virtual Host Resource Naming Convention"). */
export function virtualHostName(table: string, host: string): string {
  return `${table}/${host}`;
}

/** One match of a route, `api` or `api/1` where it has several; in access logs it is %ROUTE_NAME%. */
export function routeName({ name, match = [] }: Pick<Route, 'name' | 'match'>, index: number): string {
  return match.length > 1 ? `${name}/${index}` : name;
}

/** A certificate's secret. */
export function secretName(certificate: string): string {
  return certificate;
}
