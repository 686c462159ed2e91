import type { JsonObject } from '../proto/json.ts';
import { XDS_CLUSTER } from './names.ts';

/**
 * How an Envoy asks: over one aggregated stream, or over a stream for each type (a bootstrap with `lds_config` and
 * `cds_config` of their own). What resources refer to has to be fetched the same way.
 */
export type Flavour = 'ads' | 'separate';

/**
 * config.core.v3.ConfigSource
 * @param apiType of a stream of its own; ADS is what the bootstrap says
 */
export function configSource(flavour: Flavour, apiType: 'GRPC' | 'DELTA_GRPC' = 'GRPC'): JsonObject {
  if (flavour === 'ads') return { ads: {}, resourceApiVersion: 'V3' };
  return {
    apiConfigSource: {
      apiType,
      transportApiVersion: 'V3',
      grpcServices: [{ envoyGrpc: { clusterName: XDS_CLUSTER } }],
      setNodeOnFirstMessageOnly: true,
    },
    resourceApiVersion: 'V3',
  };
}
