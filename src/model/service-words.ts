import { z } from 'zod';
import { BALANCER_FIELDS, balancerSchema } from './balancer.ts';
import { commonFields } from './common-schema.ts';
import { type Endpoint, isAddress } from './endpoint.ts';
import { ENDPOINT_FIELDS, endpointsSchema } from './endpoint-schema.ts';
import { HEALTH_FIELDS, type Health, healthSchema } from './health.ts';
import { LIMIT_FIELDS, limitsSchema, TIMEOUT_FIELDS, timeoutsSchema } from './limits.ts';
import { OUTLIER_FIELDS, outlierSchema } from './outlier.ts';
import { PROTOCOLS, type Protocol } from './protocol.ts';
import { UPSTREAM_TLS_FIELDS, type UpstreamTls, upstreamTlsSchema } from './upstream-tls.ts';

/** What a service may say, all but its names. */
export const wordFields = {
  endpoints: endpointsSchema,
  protocol: z
    .enum(PROTOCOLS, { error: `the protocol must be one of ${PROTOCOLS.join(', ')}` })
    .optional()
    .meta({ description: 'What the endpoints speak; https where there is `tls`, else http, unless given.' }),
  tls: upstreamTlsSchema.optional().meta({ description: 'With https, and with grpc over TLS.' }),
  balancer: balancerSchema.optional().meta({ description: 'Which endpoint takes a request; round-robin unless given.' }),
  health: healthSchema.optional().meta({ description: 'Endpoints are asked now and then whether they are well.' }),
  outlier: outlierSchema.optional().meta({ description: 'Endpoints on which requests fail are left alone for a while.' }),
  timeouts: timeoutsSchema.optional().meta({ description: 'Of connections to the endpoints.' }),
  limits: limitsSchema.optional().meta({ description: 'How much there may be at a time, from each Envoy.' }),
  ...commonFields,
};

/** The names of the fields that are inside of others, for "did you mean". */
export const INNER_FIELDS: readonly string[] = [
  ENDPOINT_FIELDS,
  UPSTREAM_TLS_FIELDS,
  BALANCER_FIELDS,
  HEALTH_FIELDS,
  OUTLIER_FIELDS,
  TIMEOUT_FIELDS,
  LIMIT_FIELDS,
].flat();

/** Its words as the schemas have made them, before anything is known to fit together. */
export interface SaidWords {
  readonly endpoints: readonly (string | Endpoint)[];
  readonly tls?: UpstreamTls | undefined;
  readonly health?: Health | undefined;
}

/** https is TLS anyway. */
export function tlsUnlessImplied(tls: UpstreamTls | undefined, protocol: Protocol): UpstreamTls | undefined {
  return protocol === 'https' && tls !== undefined && Object.keys(tls).length === 0 ? undefined : tls;
}

/** What its words, each right by itself, cannot mean together. */
export function contradictions({ endpoints, tls, health }: SaidWords, protocol: Protocol): { path: PropertyKey[]; message: string }[] {
  const found: { path: PropertyKey[]; message: string }[] = [];
  if (tls !== undefined && (protocol === 'http' || protocol === 'h2c')) {
    found.push({ path: ['tls'], message: `tls is for https and grpc, and protocol says ${protocol}` });
  } else if (tls !== undefined || protocol === 'https') {
    const { sni, verify = true, names } = tls ?? {};
    if (verify && sni === undefined && names === undefined && endpoints.some(isAddress))
      found.push({
        path: ['tls', 'sni'],
        message: 'an endpoint is an address: say which name its certificate is for, as in {"sni":"web.internal"}, or verify: false',
      });
  }
  if (tls?.alpn !== undefined && protocol === 'grpc') found.push({ path: ['tls', 'alpn'], message: 'alpn is for https: grpc is HTTP/2' });
  if (health !== undefined && 'type' in health && health.type === 'grpc' && protocol !== 'grpc' && protocol !== 'h2c')
    found.push({ path: ['health', 'type'], message: `grpc checks need HTTP/2: they are for the protocols grpc and h2c, not for ${protocol}` });
  return found;
}
