import { isGrpcAgent } from '../model/agent.ts';
import type { Client } from '../xds/server.ts';

/** How a client asks decides what it is sent: an Envoy over ADS, an Envoy over a stream for each type, a gRPC client without a proxy. */
export type ClientKind = 'ads' | 'separate' | 'grpc';

export function clientKind({ node, onlyType }: Client): ClientKind {
  if (isGrpcAgent(node.userAgent)) return 'grpc';
  return onlyType === undefined ? 'ads' : 'separate';
}
