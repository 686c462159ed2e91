import { z } from 'zod';
import { about } from '../about.ts';
import { address, hostName, path, wholeNumber } from '../fields.ts';

const topic = 'HTTP API';

/** Where the API listens, and whom it takes. */
export const HTTP_OPTIONS = {
  'http-address': address(0)
    .default({ host: '127.0.0.1', port: 8080 })
    .register(about, { kind: 'text', topic, placeholder: 'HOST:PORT', description: 'where the HTTP API listens; port 0 takes a free one' }),
  'http-allowed-host': z
    .array(hostName, { error: 'must be a list of host names' })
    .default([])
    .register(about, { kind: 'list', topic, placeholder: 'NAME', description: 'a further name that requests may have as their Host; repeatable' }),
  'http-token-file': path
    .optional()
    .register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'holds the token that every request must carry' }),
  'http-tls-cert': path.optional().register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'certificate chain of the HTTP API, PEM' }),
  'http-tls-key': path.optional().register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'private key of http-tls-cert, PEM' }),
  'max-body-bytes': wholeNumber(1024, 256 * 1024 * 1024, 'bytes')
    .default(16 * 1024 * 1024)
    .register(about, { kind: 'integer', topic, placeholder: 'BYTES', description: 'the largest request body that is read' }),
} as const;
