import { isIP } from 'node:net';
import { isAddress } from '../model/endpoint.ts';
import type { Service } from '../model/service.ts';
import { SYSTEM_CA_FILE, type UpstreamTls } from '../model/upstream-tls.ts';
import { type JsonObject, TYPE_URL_PREFIX } from '../proto/json.ts';
import { configSource, type Flavour } from './config-source.ts';
import { secretName } from './names.ts';

/** A transport socket with an extensions.transport_sockets.tls.v3.UpstreamTlsContext; undefined for a service without TLS. */
export function upstreamTls({ protocol, tls, endpoints }: Service, flavour: Flavour): JsonObject | undefined {
  if (tls === undefined && protocol !== 'https') return undefined;
  const { sni, verify = true, certificate } = tls ?? {};
  // Where some are addresses there is no name for each; the schema has seen to it that there is another way to verify them.
  const bySelf = sni === undefined && !endpoints.some(isAddress);
  const ownName = bySelf ? { autoHostSni: true, ...(verify && tls?.names === undefined ? { autoSniSanValidation: true } : {}) } : {};
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: {
      '@type': `${TYPE_URL_PREFIX}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
      ...(sni === undefined ? ownName : { sni }),
      commonTlsContext: {
        alpnProtocols: alpnOf(protocol, tls),
        ...(certificate === undefined ? {} : { tlsCertificateSdsSecretConfigs: [{ name: secretName(certificate), sdsConfig: configSource(flavour) }] }),
        ...(verify ? { validationContext: validation(tls ?? {}) } : {}),
      },
    },
  };
}

function alpnOf(protocol: Service['protocol'], tls: UpstreamTls | undefined): readonly string[] {
  if (protocol !== 'https') return ['h2'];
  return tls?.alpn === undefined ? ['h2', 'http/1.1'] : [tls.alpn];
}

/** extensions.transport_sockets.tls.v3.CertificateValidationContext. Its system_root_certs is for gRPC alone: Envoy passes it over. */
function validation({ ca, caFile = SYSTEM_CA_FILE, sni, names = sni === undefined ? [] : [sni] }: UpstreamTls): JsonObject {
  return {
    trustedCa: ca === undefined ? { filename: caFile } : { inlineString: ca },
    ...(names.length === 0 ? {} : { matchTypedSubjectAltNames: names.map((name) => ({ sanType: sanType(name), matcher: { exact: name } })) }),
  };
}

function sanType(name: string): string {
  if (name.includes('://')) return 'URI';
  return isIP(name) === 0 ? 'DNS' : 'IP_ADDRESS';
}
