import { z } from 'zod';
import type { Bookkeeping, Common } from './common.ts';
import { commonFields, commonOf, nameSchema } from './common-schema.ts';
import { parseEndpoint } from './endpoint.ts';
import { parseHost } from './host.ts';
import { text } from './text-schema.ts';

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
  /** `name:port` or `address:port`, in the order given, at least one. */
  readonly endpoints: readonly string[];
}

/** A service with what the registry knows about it. */
export type StoredService = Service & Bookkeeping;

export const LIMITS = {
  endpointsPerService: 1000,
  servicesPerRequest: 10_000,
} as const;

/** Bootstraps define a cluster of this name, and a service's cluster bears its id. */
const RESERVED_ID = 'xds_cluster';

export const hostSchema = text('the host', parseHost).meta({
  description: 'A host name, or `*.` and a domain for every name under it.',
  examples: ['web.example.com'],
});

export const endpointSchema = text('the endpoint', parseEndpoint).meta({
  description: '`NAME:PORT`, resolved by Envoy through DNS, or `ADDRESS:PORT`.',
  examples: ['web-a:5678'],
});

export const idSchema = nameSchema('the id');

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

export const serviceFields = {
  id: idSchema.optional().meta({ description: 'The name of the service; its host unless given.' }),
  host: hostSchema,
  endpoints: z
    .array(endpointSchema, { error: 'endpoints must be a list, as in ["web-a:5678"]' })
    .min(1, { error: 'endpoints must name at least one, as in ["web-a:5678"]' })
    .max(LIMITS.endpointsPerService, { error: `endpoints must name at most ${LIMITS.endpointsPerService}` })
    .transform(unique),
  ...commonFields,
};

/** What only the registry says. It is accepted, so that what was read can be sent back, and ignored. */
export const readOnlyFields = {
  revision: z.unknown().optional().meta({ readOnly: true }),
  createdAt: z.unknown().optional().meta({ readOnly: true }),
  updatedAt: z.unknown().optional().meta({ readOnly: true }),
  updatedBy: z.unknown().optional().meta({ readOnly: true }),
  origin: z.unknown().optional().meta({ readOnly: true }),
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
  .transform(({ id = '', host, endpoints, ...common }, context): Service => {
    const name = id === '' ? host : id;
    if (name === RESERVED_ID)
      context.addIssue({
        code: 'custom',
        path: ['id'],
        message: `the id "${RESERVED_ID}" is the name of the cluster by which Envoys reach Envoyage; give the service another id`,
      });
    return { id: name, host, endpoints, ...commonOf(common) };
  })
  .meta({ id: 'Service' });

/** The names of the fields a service may have, for "did you mean". */
export const SERVICE_FIELDS: readonly string[] = [...Object.keys(serviceFields), ...Object.keys(readOnlyFields)];

/** True where both say the same; what the registry adds is not compared. */
export function sameService(a: Service, b: Service): boolean {
  return (
    a.id === b.id &&
    a.host === b.host &&
    sameList(a.endpoints, b.endpoints) &&
    sameList(a.groups ?? [], b.groups ?? []) &&
    sameMap(a.labels ?? {}, b.labels ?? {})
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Both are sorted. */
function sameMap(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

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
