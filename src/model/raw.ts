import type { Common } from './common.ts';

/** Any Envoy resource as it is: the way out where the vocabulary lacks a word. */
export interface Raw extends Common {
  readonly kind: 'Raw';
  /**
   * Of the object, and of the resource where that does not say its own. The two may differ: a cluster and its endpoints
   * bear one name in Envoy and are two objects here, and names of resources may have letters that names of objects have not.
   */
  readonly name: string;
  /** The type URL, `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
  readonly type: string;
  /** Canonical JSON (protobuf's mapping), without `@type`. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** Types that name themselves by another field than `name`, in both of its spellings. */
const NAME_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment': ['clusterName', 'cluster_name'],
};

/** The field, in its canonical spelling first, that names a resource of the type; a type of Envoy's API may lack it. */
export function nameFieldsOf(type: string): readonly string[] {
  return NAME_FIELDS[type] ?? ['name'];
}

/** The name that Envoys ask for the resource by. */
export function resourceNameOf({ name, type, resource }: Pick<Raw, 'name' | 'type' | 'resource'>): string {
  for (const field of nameFieldsOf(type)) {
    const own = resource[field];
    if (typeof own === 'string' && own !== '') return own;
  }
  return name;
}
