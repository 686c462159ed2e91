import { isIP } from 'node:net';
import { z } from 'zod';
import { formatHostPort, parseHostPort } from '../lib/address.ts';
import { commonFields, commonOf, nameSchema } from './common-schema.ts';
import type { Listener } from './listener.ts';
import { readOnlyFields } from './service.ts';
import { text } from './text-schema.ts';

export const LISTENER_LIMITS = { certificates: 1000 } as const;

/** Envoy resolves no names for the addresses that it listens on, and a port that it chose itself nobody would know. */
const listenerAddressSchema = text('the address', (said) => {
  const address = parseHostPort(said, 1);
  if (isIP(address.host) === 0) throw new Error('must have an IP address as its host, as in 0.0.0.0:443');
  return formatHostPort(address);
});

const PORT = 'redirectToHttps must be true, or the port of https, from 1 to 65535';

const listenerFields = {
  kind: z.literal('Listener', { error: 'kind must be "Listener"' }),
  name: nameSchema('the name').meta({ description: 'Its name, and that of its routes in Envoy and its statistics.' }),
  address: listenerAddressSchema.meta({ description: '`ADDRESS:PORT` that Envoys listen on.', examples: ['0.0.0.0:443'] }),
  protocol: z
    .enum(['http', 'https'], { error: 'protocol must be "http" or "https"' })
    .optional()
    .meta({ description: '`https` where it has certificates, else `http`, unless given.' }),
  certificates: z
    .array(nameSchema('a certificate'), { error: 'certificates must be a list of names, as in ["web"]' })
    .min(1, { error: 'certificates must name at least one' })
    .max(LISTENER_LIMITS.certificates, { error: `certificates must name at most ${LISTENER_LIMITS.certificates}` })
    .transform((names): readonly string[] => [...new Set(names)])
    .optional()
    .meta({ description: 'https: chosen by the name that a client asks for; the first one serves clients that ask for none of theirs.' }),
  // YAML reads 1.2 as a number.
  minTls: z
    .union([z.enum(['1.2', '1.3']), z.literal([1.2, 1.3]).transform((version) => String(version) as '1.2' | '1.3')], { error: 'minTls must be "1.2" or "1.3"' })
    .optional()
    .meta({ description: 'https: the lowest version of TLS; 1.2 unless given.' }),
  redirectToHttps: z
    .union([z.boolean(), z.int().min(1, { error: PORT }).max(65535, { error: PORT })], { error: PORT })
    .optional()
    .meta({ description: 'http: answers every request with a redirect to https, on this port where it is a number.' }),
  ...commonFields,
};

/** A listener as it is sent; unknown fields are refused. */
export const listenerSchema = z
  .strictObject(
    { ...listenerFields, ...readOnlyFields },
    {
      error: (issue) =>
        issue.code === 'invalid_type' ? 'a listener must be an object, as in {"kind":"Listener","name":"web","address":"0.0.0.0:80"}' : undefined,
    },
  )
  .transform((said, context): Listener => {
    const { kind, name, address, certificates, minTls } = said;
    const protocol = said.protocol ?? (certificates === undefined ? 'http' : 'https');
    // 443 is what https means where no port is named.
    const redirectToHttps = said.redirectToHttps === 443 ? true : said.redirectToHttps || undefined;
    const refuse = (field: keyof typeof said, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
    if (protocol === 'https') {
      if (certificates === undefined) refuse('certificates', 'https needs at least one certificate, as in ["web"]');
      if (redirectToHttps !== undefined) refuse('redirectToHttps', 'redirectToHttps is for http: this listener speaks https already');
    } else {
      if (certificates !== undefined) refuse('certificates', 'certificates are for https: leave protocol out, or say "https"');
      if (minTls !== undefined) refuse('minTls', 'minTls is for https');
    }
    return {
      kind,
      name,
      address,
      protocol,
      ...(certificates === undefined ? {} : { certificates }),
      ...(minTls === '1.3' ? { minTls } : {}),
      ...(redirectToHttps === undefined ? {} : { redirectToHttps }),
      ...commonOf(said),
    };
  })
  .meta({ id: 'Listener' });

/** The names of the fields a listener may have, for "did you mean". */
export const LISTENER_FIELDS: readonly string[] = [...Object.keys(listenerFields), ...Object.keys(readOnlyFields)];
