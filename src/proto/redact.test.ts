import { describe, expect, it } from 'vitest';
import { loadEnvoyApi } from './envoy-api.ts';
import { type JsonObject, TYPE_URL_PREFIX } from './json.ts';

const api = loadEnvoyApi();
const SECRET = 'envoy.extensions.transport_sockets.tls.v3.Secret';
const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const KEY = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
const CERT = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const BYTES = Buffer.from('[redacted]').toString('base64');

function redacted(type: string, json: JsonObject): JsonObject {
  // What comes out is still a message of that type.
  const shown = api.redact(type, json);
  expect(api.decode(type, api.encode(type, shown))).toEqual(shown);
  return shown;
}

describe('what is shown to people', () => {
  it.each<[string, string, JsonObject, JsonObject]>([
    [
      'a certificate without its key',
      SECRET,
      { name: 'a', tlsCertificate: { certificateChain: { inlineString: CERT }, privateKey: { inlineString: KEY }, password: { inlineBytes: 'eHg=' } } },
      { name: 'a', tlsCertificate: { certificateChain: { inlineString: CERT }, privateKey: { inlineString: '[redacted]' }, password: { inlineBytes: BYTES } } },
    ],
    [
      'where a key is',
      SECRET,
      { name: 'a', tlsCertificate: { privateKey: { filename: '/etc/key.pem' } } },
      { name: 'a', tlsCertificate: { privateKey: { filename: '/etc/key.pem' } } },
    ],
    [
      'session tickets',
      SECRET,
      { name: 'a', sessionTicketKeys: { keys: [{ inlineBytes: 'eHg=' }, { filename: 'x' }] } },
      { name: 'a', sessionTicketKeys: { keys: [{ inlineBytes: BYTES }, { filename: 'x' }] } },
    ],
    [
      'any secret',
      SECRET,
      { name: 'a', genericSecret: { secret: { inlineString: 'hunter2' } } },
      { name: 'a', genericSecret: { secret: { inlineString: '[redacted]' } } },
    ],
    [
      'a key within an Any',
      CLUSTER,
      {
        name: 'a',
        transportSocket: {
          name: 'tls',
          typedConfig: {
            '@type': `${TYPE_URL_PREFIX}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
            commonTlsContext: { tlsCertificates: [{ privateKey: { inlineString: 'x' } }] },
          },
        },
      },
      {
        name: 'a',
        transportSocket: {
          name: 'tls',
          typedConfig: {
            '@type': `${TYPE_URL_PREFIX}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
            commonTlsContext: { tlsCertificates: [{ privateKey: { inlineString: '[redacted]' } }] },
          },
        },
      },
    ],
    [
      'headers',
      'envoy.config.route.v3.VirtualHost',
      {
        name: 'a',
        domains: ['*'],
        requestHeadersToAdd: [
          { header: { key: 'Authorization', value: 'Bearer x' } },
          { header: { key: 'x-api-key', rawValue: 'eHg=' } },
          { header: { key: 'x-team', value: 'web' } },
        ],
      },
      {
        name: 'a',
        domains: ['*'],
        requestHeadersToAdd: [
          { header: { key: 'Authorization', value: '[redacted]' } },
          { header: { key: 'x-api-key', rawValue: BYTES } },
          { header: { key: 'x-team', value: 'web' } },
        ],
      },
    ],
    [
      'a key where none belongs',
      CLUSTER,
      { name: 'a', altStatName: KEY, metadata: { filterMetadata: { x: { y: [KEY, { z: KEY }, 5, null] } } } },
      { name: 'a', altStatName: '[redacted]', metadata: { filterMetadata: { x: { y: ['[redacted]', { z: '[redacted]' }, 5, null] } } } },
    ],
    [
      'all else',
      CLUSTER,
      { name: 'token', connectTimeout: '1s', typedExtensionProtocolOptions: { a: { '@type': `${TYPE_URL_PREFIX}google.protobuf.Duration`, value: '1s' } } },
      { name: 'token', connectTimeout: '1s', typedExtensionProtocolOptions: { a: { '@type': `${TYPE_URL_PREFIX}google.protobuf.Duration`, value: '1s' } } },
    ],
  ])('has %s', (_, type, json, expected) => {
    expect(redacted(type, json)).toEqual(expected);
  });
});
