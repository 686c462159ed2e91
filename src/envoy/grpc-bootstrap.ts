import { formatHostPort } from '../lib/address.ts';
import type { BootstrapOptions } from './bootstrap.ts';

/**
 * The bootstrap of a gRPC client without a proxy, which `GRPC_XDS_BOOTSTRAP` names (gRFC A27; `tls` credentials: gRFC A65).
 * The daemon it dials and the node it is, as for an Envoy; `locality` stands there because grpc-js wants it.
 */
export function grpcBootstrapObject({ nodeId, group, xds, xdsTls }: BootstrapOptions): Record<string, unknown> {
  const credentials =
    xdsTls === undefined ? { type: 'insecure' } : { type: 'tls', config: xdsTls.caFile === undefined ? {} : { ca_certificate_file: xdsTls.caFile } };
  return {
    xds_servers: [{ server_uri: formatHostPort(xds), channel_creds: [credentials], server_features: ['xds_v3'] }],
    node: { id: nodeId, cluster: group, locality: {} },
  };
}

/** As a file; same options, same bytes. */
export function renderGrpcBootstrap(options: BootstrapOptions): string {
  return `${JSON.stringify(grpcBootstrapObject(options), null, 2)}\n`;
}
