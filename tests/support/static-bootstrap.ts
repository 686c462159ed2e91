import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { type NamedResource, staticBootstrap as wrapped } from '../../src/envoy/static-resources.ts';
import type { Json, JsonObject } from '../../src/proto/json.ts';
import { secret } from '../../src/translator/secret.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET } from '../../src/xds/types.ts';
import type { Resources } from './translation.ts';

/** A bootstrap that holds the resources of a golden file, for `envoy --mode validate`. Every secret that is asked for is there. */
export function staticBootstrap({ listeners, routes, clusters, endpoints }: Resources): JsonObject {
  const named = (all: readonly JsonObject[], field = 'name'): NamedResource[] => all.map((resource) => ({ name: String(resource[field]), resource }));
  const secrets = [...new Set(secretsIn([...clusters, ...listeners]))].map((name) => secret({ name, cert: CERTIFICATE, key: KEY }));
  return wrapped(
    new Map([
      [LISTENER, named(listeners)],
      [ROUTES, named(routes)],
      [CLUSTER, named(clusters)],
      [ENDPOINTS, named(endpoints, 'clusterName')],
      [SECRET, named(secrets)],
    ]),
  );
}

function* secretsIn(value: Json): Generator<string, void, undefined> {
  if (typeof value !== 'object' || value === null) return;
  if ('sdsConfig' in value) yield String(value['name']);
  for (const item of Object.values(value) as Json[]) yield* secretsIn(item);
}
