import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';

const POLICIES = { 'least-request': 'LEAST_REQUEST', random: 'RANDOM', 'ring-hash': 'RING_HASH', maglev: 'MAGLEV' } as const;

/**
 * The fields of a cluster that say which endpoint takes a request; round robin is Envoy's own.
 *
 * What is acknowledged is in force: by itself, Envoy gathers changes of health and weight for up to a second after it has taken them
 * (config.cluster.v3.Cluster.CommonLbConfig.update_merge_window), in which an endpoint that drains still gets requests.
 */
export function balancing({ balancer }: Service): JsonObject {
  const { policy, panic, slowStart } = balancer ?? {};
  return {
    ...(policy === undefined ? {} : { lbPolicy: POLICIES[policy] }),
    ...(slowStart === undefined
      ? {}
      : { [policy === 'least-request' ? 'leastRequestLbConfig' : 'roundRobinLbConfig']: { slowStartConfig: { slowStartWindow: slowStart } } }),
    commonLbConfig: { updateMergeWindow: '0s', ...(panic === undefined ? {} : { healthyPanicThreshold: { value: panic } }) },
  };
}

/** What requests to the service have in common that go to the same endpoint, for the routes that lead there: config.route.v3.RouteAction.HashPolicy. */
export function hashPolicy({ balancer }: Pick<Service, 'balancer'>): JsonObject[] {
  const on = balancer?.hashOn;
  if (on === undefined) return [];
  if ('header' in on) return [{ header: { headerName: on.header } }];
  // A cookie that Envoy gives is for the whole site, not for the path of the first request.
  if ('cookie' in on) return [{ cookie: { name: on.cookie, ...(on.ttl === undefined ? {} : { ttl: on.ttl, path: '/' }) } }];
  return [{ connectionProperties: { sourceIp: true } }];
}
