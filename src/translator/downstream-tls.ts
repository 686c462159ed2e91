import type { JsonObject } from '../proto/json.ts';
import { TYPE_URL_PREFIX } from '../proto/json.ts';
import { configSource, type Flavour } from './config-source.ts';
import { secretName } from './names.ts';

/**
 * How long an Envoy that starts waits for a certificate, where it does not hear that there is none: all its listeners wait
 * with it, so one that is not there must not hold up the others for Envoy's 15 s. Connections that need it are reset until it comes.
 */
const PATIENCE = '5s';

/**
 * A transport socket with an extensions.transport_sockets.tls.v3.DownstreamTlsContext. The certificate comes by SDS, so that
 * another one under the same name touches no listener and drains no connection.
 */
export function downstreamTls(certificate: string, minTls: '1.2' | '1.3', flavour: Flavour): JsonObject {
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: {
      '@type': `${TYPE_URL_PREFIX}envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext`,
      commonTlsContext: {
        tlsParams: { tlsMinimumProtocolVersion: minTls === '1.3' ? 'TLSv1_3' : 'TLSv1_2' },
        tlsCertificateSdsSecretConfigs: [{ name: secretName(certificate), sdsConfig: { ...configSource(flavour), initialFetchTimeout: PATIENCE } }],
        alpnProtocols: ['h2', 'http/1.1'],
      },
    },
  };
}

/** config.listener.v3.ListenerFilter that reads the name that a client asks for. */
export const TLS_INSPECTOR: JsonObject = {
  name: 'envoy.filters.listener.tls_inspector',
  typedConfig: { '@type': `${TYPE_URL_PREFIX}envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector` },
};
