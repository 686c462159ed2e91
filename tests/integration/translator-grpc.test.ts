import { createRequire } from 'node:module';
import { register } from '@grpc/grpc-js-xds';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { goldenCases, goldenOutput, type Resources } from '../support/translation.ts';

/** How grpc-js's xDS client reads a resource of each type, rules and all (its own modules, not exported). */
interface Reader {
  decode(context: object, resource: { type_url: string; value: Buffer }): { readonly name: string; readonly value?: object; readonly error?: string };
}

const inside = createRequire(createRequire(import.meta.url).resolve('@grpc/grpc-js-xds'));

function reader(file: string, name: string): Reader {
  return (inside(`./xds-resource-type/${file}-resource-type.js`) as Record<string, { get(): Reader }>)[name]?.get() as Reader;
}

const KINDS: Readonly<Record<keyof Resources, { readonly message: string; readonly reader: Reader }>> = {
  listeners: { message: 'envoy.config.listener.v3.Listener', reader: reader('listener', 'ListenerResourceType') },
  routes: { message: 'envoy.config.route.v3.RouteConfiguration', reader: reader('route-config', 'RouteConfigurationResourceType') },
  clusters: { message: 'envoy.config.cluster.v3.Cluster', reader: reader('cluster', 'ClusterResourceType') },
  endpoints: { message: 'envoy.config.endpoint.v3.ClusterLoadAssignment', reader: reader('endpoint', 'EndpointResourceType') },
};

const api = loadEnvoyApi();
/** What grpc-js finds in its bootstrap, as far as it looks at it here. */
const CONTEXT = { server: { server_uri: '', channel_creds: [], server_features: [] }, bootstrap: { certificateProviders: {} } };

function faults(kind: keyof Resources, resources: readonly JsonObject[]): string[] {
  const { message, reader } = KINDS[kind];
  return resources.flatMap((each) => {
    const { value, error } = reader.decode(CONTEXT, { type_url: `type.googleapis.com/${message}`, value: api.encode(message, each) });
    return error === undefined && value !== undefined ? [] : [error ?? `no ${kind} in ${JSON.stringify(each)}`];
  });
}

/** Makes known the filters that it has. */
beforeAll(() => register());

describe('grpc-js', () => {
  it.each(goldenCases())('accepts the resources of "%s" for gRPC clients', (name) => {
    const { grpc } = goldenOutput(name);
    for (const kind of Object.keys(KINDS) as (keyof Resources)[]) expect(faults(kind, grpc[kind])).toEqual([]);
  });

  it('would refuse the endpoints that are for Envoys, and clusters of names', () => {
    const { ads } = goldenOutput('several-endpoints');
    expect(faults('endpoints', ads.endpoints)).toEqual([expect.stringContaining('locality unset')]);
    expect(faults('clusters', goldenOutput('name').ads.clusters)).toEqual([expect.any(String)]);
  });
});
