import { type NamedResource, staticBootstrap as wrapped } from '../../src/envoy/static-resources.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES } from '../../src/xds/types.ts';
import type { Resources } from './translation.ts';

/** A bootstrap that holds the resources of a golden file, for `envoy --mode validate`. */
export function staticBootstrap({ listeners, routes, clusters, endpoints }: Resources): JsonObject {
  const named = (all: readonly JsonObject[], field = 'name'): NamedResource[] => all.map((resource) => ({ name: String(resource[field]), resource }));
  return wrapped(
    new Map([
      [LISTENER, named(listeners)],
      [ROUTES, named(routes)],
      [CLUSTER, named(clusters)],
      [ENDPOINTS, named(endpoints, 'clusterName')],
    ]),
  );
}
