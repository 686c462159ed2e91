import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Balancer } from './balancer.ts';
import type { Bookkeeping, Common } from './common.ts';
import { commonOf, nameSchema } from './common-schema.ts';
import type { Endpoint } from './endpoint.ts';
import { MOST_ENDPOINTS } from './endpoint-schema.ts';
import type { Health } from './health.ts';
import { parseHost } from './host.ts';
import type { Limits, Timeouts } from './limits.ts';
import type { Outlier } from './outlier.ts';
import type { Protocol } from './protocol.ts';
import { contradictions, INNER_FIELDS, tlsUnlessImplied, wordFields } from './service-words.ts';
import { text } from './text-schema.ts';
import type { UpstreamTls } from './upstream-tls.ts';
import { said } from './words.ts';

/**
 * A host and the upstream it leads to.
 *
 * The short form `{"host": "web.example.com", "endpoints": ["web-a:5678"]}` is the whole of it: `id` is the host unless
 * said otherwise, and without `groups` every Envoy gets it.
 */
export interface Service extends Common {
  readonly id: string;
  /** `web.example.com` or `*.example.com`, lower case; none where routes alone lead to it. */
  readonly host?: string;
  /** In the order given, at least one. */
  readonly endpoints: readonly (string | Endpoint)[];
  /** What the endpoints speak: HTTP/1.1 unless given. */
  readonly protocol?: Exclude<Protocol, 'http'>;
  /** With https, and with grpc over TLS. */
  readonly tls?: UpstreamTls;
  readonly balancer?: Balancer;
  readonly health?: Health;
  readonly outlier?: Outlier;
  readonly timeouts?: Timeouts;
  readonly limits?: Limits;
}

/** A service with what the registry knows about it. */
export type StoredService = Service & Bookkeeping;

export const LIMITS = {
  endpointsPerService: MOST_ENDPOINTS,
  servicesPerRequest: 10_000,
} as const;

/** Bootstraps define a cluster of this name, and a service's cluster bears its id. */
const RESERVED_ID = 'xds_cluster';

export const hostSchema = text('the host', parseHost).meta({
  description: 'A host name, or `*.` and a domain for every name under it.',
  examples: ['web.example.com'],
});

export const idSchema = nameSchema('the id');

export const serviceFields = {
  kind: z.literal('Service', { error: 'kind must be "Service"' }).optional().meta({ description: 'May be said, and goes without saying.' }),
  id: idSchema.optional().meta({ description: 'The name of the service; its host unless given.' }),
  name: nameSchema('the name').optional().meta({ description: 'Another word for `id`.' }),
  host: hostSchema.optional(),
  ...wordFields,
};

/** What only the registry says. It is accepted, so that what was read can be sent back, and ignored. */
export const readOnlyFields = {
  revision: z.unknown().optional().meta({ readOnly: true }),
  createdAt: z.unknown().optional().meta({ readOnly: true }),
  updatedAt: z.unknown().optional().meta({ readOnly: true }),
  updatedBy: z.unknown().optional().meta({ readOnly: true }),
  origin: z.unknown().optional().meta({ readOnly: true }),
  provider: z.unknown().optional().meta({ readOnly: true }),
};

/** A service as it is sent; unknown fields are refused. */
export const serviceSchema = z
  .strictObject(
    { ...serviceFields, ...readOnlyFields },
    {
      error: (issue) =>
        issue.code === 'invalid_type' ? 'a service must be an object, as in {"host":"web.example.com","endpoints":["web-a:5678"]}' : undefined,
    },
  )
  .refine(({ id, name, host }) => (id ?? name ?? host) !== undefined, {
    path: ['host'],
    error: '"host" is missing: a service has one, or an id that routes lead to',
    // Said along with whatever else is wrong.
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  })
  .transform((wanted, context): Service => {
    const { name, host, endpoints, protocol, tls, balancer, health, outlier, timeouts, limits } = wanted;
    const id = wanted.id ?? name ?? host ?? '';
    const refuse = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (name !== undefined && name !== id) refuse(['name'], `name and id are the same, and say "${name}" and "${id}": leave one out`);
    if (id === RESERVED_ID)
      refuse(
        [name === undefined ? 'id' : 'name'],
        `the id "${RESERVED_ID}" is the name of the cluster by which Envoys reach Envoyage; give the service another id`,
      );
    const spoken = protocol ?? (tls === undefined ? 'http' : 'https');
    for (const { path, message } of contradictions(wanted, spoken)) refuse(path, message);
    return {
      id,
      ...said<Partial<Service>>({ host }),
      endpoints,
      ...said<Partial<Service>>({
        protocol: spoken === 'http' ? undefined : spoken,
        tls: tlsUnlessImplied(tls, spoken),
        balancer,
        health,
        outlier,
        timeouts,
        limits,
      }),
      ...commonOf(wanted),
    };
  })
  .meta({ id: 'Service' });

/** The names of the fields that a service and what is in it may have, for "did you mean". */
export const SERVICE_FIELDS: readonly string[] = [...new Set([...Object.keys(serviceFields), ...Object.keys(readOnlyFields), ...INNER_FIELDS])];

/** True where both say the same, in the one form that the schema gives to equal content; what the registry adds is not compared. */
export function sameService(a: Service, b: Service): boolean {
  return COMPARED.every((field) => a[field] === b[field] || isDeepStrictEqual(a[field], b[field]));
}

const COMPARED: readonly (keyof Service)[] = ['id', 'host', ...(Object.keys(wordFields) as (keyof typeof wordFields)[])];

/** True where requests find their way to both alike: all but where they end up is the same. */
export function sameRouting(a: Service, b: Service): boolean {
  return sameService({ ...a, endpoints: b.endpoints }, b);
}

/** True where an Envoy of `group` gets it. */
export function servedBy({ groups }: Common, group: string): boolean {
  return groups === undefined || groups.includes(group);
}

/** True where some group gets both. */
export function groupsOverlap(a: Common, b: Common): boolean {
  return a.groups === undefined || b.groups === undefined || a.groups.some((group) => b.groups?.includes(group));
}
