/** Every gRPC implementation begins its `node.user_agent_name` so: "gRPC Go", "gRPC Node Pure JS", "grpc-java", "gRPC C-core Linux". */
const GRPC = /^grpc\b/i;

/** True where a client of that agent is a gRPC library, no Envoy. */
export function isGrpcAgent(agent: string): boolean {
  return GRPC.test(agent);
}
