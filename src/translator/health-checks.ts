import { HEALTH_DEFAULTS, type Health, statusRange } from '../model/health.ts';
import { OUTLIER_DEFAULTS, type Outlier } from '../model/outlier.ts';
import type { Service } from '../model/service.ts';
import type { JsonObject } from '../proto/json.ts';
import { serviceName } from './names.ts';

/** The fields of a cluster that say how it is found out which endpoints are well. */
export function healthChecks(service: Service): JsonObject {
  const { health, outlier } = service;
  return {
    // Envoy would go on with an endpoint that is taken away for as long as it passes its checks.
    ...(health === undefined ? {} : { healthChecks: [healthCheck(service, health)], ignoreHealthOnHostRemoval: true }),
    ...(outlier === undefined ? {} : { outlierDetection: outlierDetection(outlier) }),
  };
}

/** config.core.v3.HealthCheck */
function healthCheck(service: Service, health: Health): JsonObject {
  const { interval, timeout, healthy, unhealthy } = { ...HEALTH_DEFAULTS, ...health };
  return {
    timeout,
    interval,
    // Where there have been no requests yet Envoy would ask once a minute.
    noTrafficInterval: interval,
    healthyThreshold: healthy,
    unhealthyThreshold: unhealthy,
    ...checker(service, health),
  };
}

function checker(service: Service, health: Health): JsonObject {
  if ('type' in health) return health.type === 'tcp' ? { tcpHealthCheck: {} } : { grpcHealthCheck: {} };
  const { path, statuses, host = hostOf(service) } = health;
  const { protocol } = service;
  return {
    httpHealthCheck: {
      path,
      ...(host === undefined ? {} : { host }),
      ...(statuses === undefined ? {} : { expectedStatuses: statuses.map(expected) }),
      ...(protocol === 'h2c' || protocol === 'grpc' ? { codecClientType: 'HTTP2' } : {}),
    },
    // A check speaks the one version that it is told, so that the endpoint must not choose the other.
    ...(protocol === 'https' ? { tlsOptions: { alpnProtocols: ['http/1.1'] } } : {}),
  };
}

/** What requests say; without a host of its own, or with many, Envoy says the name of the cluster. */
function hostOf(service: Service): string | undefined {
  const { host } = service;
  return host === undefined || host.startsWith('*') || host === serviceName(service) ? undefined : host;
}

/** type.v3.Int64Range, whose end is not part of it. */
function expected(status: number | string): JsonObject {
  const [first, last] = statusRange(status);
  return { start: String(first), end: String(last + 1) };
}

/** config.cluster.v3.OutlierDetection: what it says, and nothing that Envoy does unasked. */
function outlierDetection(outlier: Outlier): JsonObject {
  const { consecutive5xx, consecutiveGatewayFailures, interval, ejectionTime, maxEjected } = { ...OUTLIER_DEFAULTS, ...outlier };
  return {
    ...(consecutive5xx === 0 ? { enforcingConsecutive5xx: 0 } : { consecutive5xx }),
    ...(consecutiveGatewayFailures === 0 ? {} : { consecutiveGatewayFailure: consecutiveGatewayFailures, enforcingConsecutiveGatewayFailure: 100 }),
    interval,
    baseEjectionTime: ejectionTime,
    maxEjectionPercent: maxEjected,
    enforcingSuccessRate: 0,
  };
}
