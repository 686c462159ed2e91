import { isIP } from 'node:net';
import { z } from 'zod';
import { nameSchema } from './common-schema.ts';
import { parseHost } from './host.ts';
import { text } from './text-schema.ts';
import { said } from './words.ts';

/** How TLS is spoken with the endpoints of a service. */
export interface UpstreamTls {
  /** The name that is asked for; that of each endpoint unless given, none where an endpoint is an address. */
  readonly sni?: string;
  /** PEM: authorities that the certificates of endpoints have to be of, instead of those in `caFile`. */
  readonly ca?: string;
  /** A file where the Envoys run; {@link SYSTEM_CA_FILE} unless given. */
  readonly caFile?: string;
  /** Whoever answers is believed. */
  readonly verify?: false;
  /** Names, addresses or URIs of which the certificate has to have one, instead of the name that is asked for. */
  readonly names?: readonly string[];
  /** The name of the Certificate that is shown to endpoints. */
  readonly certificate?: string;
  /** https: HTTP/1.1 alone, though the endpoint would prefer HTTP/2. */
  readonly alpn?: 'http/1.1';
}

/** Where Debian, Ubuntu, Alpine and Envoy's own images have the authorities that everybody trusts. */
export const SYSTEM_CA_FILE = '/etc/ssl/certs/ca-certificates.crt';

const MOST_NAMES = 64;
const MOST_PEM = 1024 * 1024;
const PEM = /^(?:[^-]*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----[^-]*)+$/;

const sniSchema = text('the name for SNI', (value) => {
  const host = parseHost(value);
  if (host.startsWith('*')) throw new Error('is for many names, and SNI asks for one');
  if (isAddressHost(host)) throw new Error('is an address, and SNI asks for a name');
  return host;
}).meta({ description: 'The name to ask for (SNI), and to find in the certificate; that of each endpoint unless given.', examples: ['web.internal'] });

function isAddressHost(host: string): boolean {
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** A URI as it is, an IP address without brackets, a DNS name in lower case. */
function parseSubjectName(value: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\/[^\s/]+\S*$/i.test(value)) return value;
  return parseHost(value).replace(/^\[(.*)\]$/, '$1');
}

const upstreamTlsFields = {
  sni: sniSchema.optional(),
  ca: z
    .string({ error: 'ca must be a string' })
    .max(MOST_PEM, { error: `ca must be at most ${MOST_PEM} characters` })
    .regex(PEM, { error: 'ca must be certificates in PEM, -----BEGIN CERTIFICATE----- and so on; caFile names a file' })
    .transform((pem) => `${pem.trim().replaceAll('\r\n', '\n')}\n`)
    .optional()
    .meta({ description: 'PEM: the authorities to trust instead of those in `caFile`.' }),
  caFile: z
    .string({ error: 'caFile must be a string' })
    .regex(/^\/[^\0]{1,1023}$/, { error: 'caFile must be the full path of a file where the Envoys run, as in /etc/ssl/certs/ca.crt' })
    .optional()
    .meta({ description: `A file where the Envoys run; ${SYSTEM_CA_FILE} unless given.` }),
  verify: z.boolean({ error: 'verify must be true or false' }).optional().meta({ description: 'false: whoever answers is believed.' }),
  names: z
    .array(text('the name', parseSubjectName), { error: 'names must be a list, as in ["web.internal"]' })
    .min(1, { error: 'names must have at least one; leave it out for the name that is asked for' })
    .max(MOST_NAMES, { error: `names must have at most ${MOST_NAMES}` })
    .transform((names): readonly string[] => [...new Set(names)].toSorted())
    .optional()
    .meta({ description: 'DNS names, IP addresses or URIs: the certificate has to have one of them, instead of the name that is asked for.' }),
  certificate: nameSchema('the certificate').optional().meta({ description: 'The name of the Certificate that endpoints are shown.' }),
  alpn: z
    .literal('http/1.1', { error: 'alpn can only be "http/1.1"; the protocol grpc is HTTP/2 alone' })
    .optional()
    .meta({ description: 'https: HTTP/1.1 alone, though the endpoint would prefer HTTP/2.' }),
};

export const UPSTREAM_TLS_FIELDS: readonly string[] = Object.keys(upstreamTlsFields);

export const upstreamTlsSchema = z
  .strictObject(upstreamTlsFields, {
    error: (issue) => (issue.code === 'invalid_type' ? 'tls must be an object, as in {"sni":"web.internal"}, or {}' : undefined),
  })
  .transform(({ sni, ca, caFile, verify = true, names, certificate, alpn }, context): UpstreamTls => {
    const refuse = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
    if (ca !== undefined && caFile !== undefined) refuse('caFile', 'ca and caFile are two ways to say the same: leave one out');
    if (!verify)
      for (const [field, value] of Object.entries({ ca, caFile, names }))
        if (value !== undefined) refuse(field, `${field} is for certificates that are verified, and verify is false`);
    const file = caFile === SYSTEM_CA_FILE ? undefined : caFile;
    // Asked for by that name, so that the certificate has to have it anyway.
    const own = names?.length === 1 && names[0] === sni ? undefined : names;
    return said<UpstreamTls>({ sni, ca, caFile: file, verify: verify ? undefined : false, names: own, certificate, alpn });
  });
