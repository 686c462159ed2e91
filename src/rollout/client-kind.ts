import type { Client } from '../xds/server.ts';

/** How a client asks decides what it is sent: an Envoy over ADS, an Envoy over a stream for each type, a gRPC client without a proxy. */
export type ClientKind = 'ads' | 'separate' | 'grpc';

/** Every gRPC implementation begins its `node.user_agent_name` so: "gRPC Go", "gRPC Node Pure JS", "grpc-java", "gRPC C-core Linux". */
const GRPC = /^grpc\b/i;

/** True where a client of that agent is a gRPC library, no Envoy. */
export function isGrpcAgent(agent: string): boolean {
  return GRPC.test(agent);
}

export function clientKind({ node, aggregated }: Client): ClientKind {
  if (isGrpcAgent(node.userAgent)) return 'grpc';
  return aggregated ? 'ads' : 'separate';
}
