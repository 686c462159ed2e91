import { z } from 'zod';
import { parseEndpoint } from './endpoint.ts';
import { parseHost } from './host.ts';
import type { Common, Stored } from './kinds.ts';

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
export type StoredService = Stored<Service>;

export const LIMITS = {
  endpointsPerService: 1000,
  groupsPerService: 64,
  servicesPerRequest: 10_000,
} as const;

/** Bootstraps define a cluster of this name, and a service's cluster bears its id. */
const RESERVED_ID = 'xds_cluster';

/** Whatever a host can be is an id, too: an IPv6 address in its brackets. */
const ID = /^(?:[a-z0-9*_](?:[a-z0-9*._-]{0,251}[a-z0-9_])?|\[[0-9a-f:.]{2,45}\])$/;
const GROUP = /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,126}[A-Za-z0-9_])?$/;

/** A string that `parse` turns into its canonical form, or whose fault it explains. */
function text(what: string, parse: (text: string) => string) {
  return z.string({ error: `${what} must be a string` }).transform((value, context) => {
    try {
      return parse(value);
    } catch (thrown) {
      const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
      context.addIssue({ code: 'custom', message: `${what} ${shown} ${thrown instanceof Error ? thrown.message : 'is not valid'}` });
      return z.NEVER;
    }
  });
}

export const hostSchema = text('the host', parseHost).meta({
  description: 'A host name, or `*.` and a domain for every name under it.',
  examples: ['web.example.com'],
});

export const endpointSchema = text('the endpoint', parseEndpoint).meta({
  description: '`NAME:PORT`, resolved by Envoy through DNS, or `ADDRESS:PORT`.',
  examples: ['web-a:5678'],
});

export const groupSchema = z.string({ error: 'a group must be a string' }).regex(GROUP, {
  error: 'a group must be 1 to 128 letters, digits, dots, hyphens or underscores',
});

export const idSchema = z.string({ error: 'the id must be a string' }).regex(ID, {
  error: 'the id must be 1 to 253 lower-case letters, digits, dots, hyphens or underscores, or a host',
});

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
  groups: z
    .array(groupSchema, { error: 'groups must be a list of names, as in ["edge"]' })
    .min(1, { error: 'groups must name at least one; leave it out for all Envoys' })
    .max(LIMITS.groupsPerService, { error: `groups must name at most ${LIMITS.groupsPerService}` })
    .transform((groups) => unique(groups).toSorted())
    .optional()
    .meta({ description: 'The groups of Envoys that serve it; left out, all do.' }),
};

/** What only the registry says. It is accepted, so that what was read can be sent back, and ignored. */
export const readOnlyFields = {
  revision: z.unknown().optional().meta({ readOnly: true }),
  createdAt: z.unknown().optional().meta({ readOnly: true }),
  updatedAt: z.unknown().optional().meta({ readOnly: true }),
  updatedBy: z.unknown().optional().meta({ readOnly: true }),
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
  .transform(({ id = '', host, endpoints, groups }, context): Service => {
    const name = id === '' ? host : id;
    if (name === RESERVED_ID)
      context.addIssue({
        code: 'custom',
        path: ['id'],
        message: `the id "${RESERVED_ID}" is the name of the cluster by which Envoys reach Envoyage; give the service another id`,
      });
    return { id: name, host, endpoints, ...(groups === undefined ? {} : { groups }) };
  })
  .meta({ id: 'Service' });

/** The names of the fields a service may have, for "did you mean". */
export const SERVICE_FIELDS: readonly string[] = [...Object.keys(serviceFields), ...Object.keys(readOnlyFields)];

/** True where both say the same; what the registry adds is not compared. */
export function sameService(a: Service, b: Service): boolean {
  return a.id === b.id && a.host === b.host && sameList(a.endpoints, b.endpoints) && sameList(a.groups ?? [], b.groups ?? []);
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** True where an Envoy of `group` gets it. */
export function servedBy({ groups }: Common, group: string): boolean {
  return groups === undefined || groups.includes(group);
}

/** True where some group gets both. */
export function groupsOverlap(a: Common, b: Common): boolean {
  return a.groups === undefined || b.groups === undefined || a.groups.some((group) => b.groups?.includes(group));
}
