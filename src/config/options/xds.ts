import { z } from 'zod';
import { about } from '../about.ts';
import { address, addresses, clientGroup, flag, path, wholeNumber } from '../fields.ts';

const topic = 'xDS';

function limit(least: number, most: number, unit: string, standard: number, placeholder: string, description: string) {
  return wholeNumber(least, most, unit).default(standard).register(about, { kind: 'integer', topic: 'xDS limits', placeholder, description });
}

/** Where Envoys connect to, which of them may, and how much. */
export const XDS_OPTIONS = {
  'xds-address': address(0)
    .default({ host: '127.0.0.1', port: 9090 })
    .register(about, { kind: 'text', topic, placeholder: 'HOST:PORT', description: 'where Envoys connect to; port 0 takes a free one' }),
  'xds-advertise': addresses.register(about, {
    kind: 'addresses',
    topic,
    placeholder: 'HOST:PORT',
    description: 'what bootstraps tell Envoys to dial; repeatable: further ones are for when those before are gone',
    defaultText: 'xds-address',
  }),
  'xds-tls-cert': path.optional().register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'certificate chain of the xDS server, PEM' }),
  'xds-tls-key': path.optional().register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'private key of xds-tls-cert, PEM' }),
  'xds-allow-plaintext': flag.default(false).register(about, {
    kind: 'boolean',
    topic,
    placeholder: '',
    description: 'allow xDS off loopback without TLS: whoever reads the network reads what Envoys are sent',
  }),
  'xds-client-ca': path.optional().register(about, {
    kind: 'file',
    topic,
    placeholder: 'FILE',
    description: 'authorities of client certificates, PEM: only Envoys with a certificate of theirs may connect',
  }),
  'xds-client-group': z.array(clientGroup, { error: 'must be a list of GROUP=PATTERN' }).default([]).register(about, {
    kind: 'list',
    topic,
    placeholder: 'GROUP=PATTERN',
    description: 'the group of certificates with such a name, as in edge=spiffe://example.com/edge/*; repeatable',
  }),
  'xds-token-file': path.optional().register(about, {
    kind: 'file',
    topic,
    placeholder: 'FILE',
    description: 'bearer tokens of Envoys, NAME TOKEN GROUP... a line; with xds-client-ca either is enough',
  }),
  'xds-revoked': path.optional().register(about, {
    kind: 'file',
    topic,
    placeholder: 'FILE',
    description: 'client certificates that count no more: serial=HEX, sha256=HEX or name=NAME a line',
  }),
  'xds-max-message-bytes': limit(1024, 1 << 30, 'bytes', 64 << 20, 'N', 'the largest discovery request that is read'),
  'xds-max-streams': limit(1, 1_000_000, 'streams', 50_000, 'N', 'how many streams, and connections, may be open'),
  'xds-max-streams-per-address': limit(1, 1_000_000, 'streams', 5000, 'N', 'the same from one IP address'),
  'xds-max-stream-rate': limit(1, 100_000, 'streams', 2000, 'N', 'new streams a second, and as many at once; more of them wait'),
  'xds-max-request-rate': limit(1, 100_000, 'requests', 2000, 'N', 'requests a second on one stream; more are read more slowly'),
  'xds-first-request-seconds': limit(1, 3600, 'seconds', 10, 'N', 'for the handshake, for a first stream and for its first request'),
  'xds-silence-seconds': limit(1, 3600, 'seconds', 30, 'N', 'after which a silent connection is pinged; it ends unless it answers'),
  'xds-ttl': wholeNumber(0, 86_400, 'seconds').default(0).register(about, {
    kind: 'integer',
    topic,
    placeholder: 'SECONDS',
    description: 'an Envoy that has heard nothing for so long stops listening, until it hears again; 0 for never',
  }),
} as const;
