import type { Service } from '../model/service.ts';
import { type JsonObject, TYPE_URL_PREFIX } from '../proto/json.ts';

const OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** The field of a cluster that says what its endpoints speak; nothing where that is HTTP/1.1 and no more is to be said. */
export function upstreamProtocol({ protocol, tls, timeouts }: Service): JsonObject {
  const idle = timeouts?.idle;
  if (protocol === undefined && idle === undefined) return {};
  return {
    typedExtensionProtocolOptions: {
      [OPTIONS]: {
        '@type': `${TYPE_URL_PREFIX}${OPTIONS}`,
        ...(idle === undefined ? {} : { commonHttpProtocolOptions: { idleTimeout: idle } }),
        ...versions(tls?.alpn === undefined ? protocol : undefined),
      },
    },
  };
}

function versions(protocol: Service['protocol']): JsonObject {
  if (protocol === undefined) return { explicitHttpConfig: { httpProtocolOptions: {} } };
  if (protocol === 'https') return { autoConfig: { http2ProtocolOptions: {} } };
  return { explicitHttpConfig: { http2ProtocolOptions: {} } };
}
