import { z } from 'zod';
import type { Certificate } from './certificate.ts';
import { isName } from './certificate-facts.ts';
import { commonFields, commonOf, nameSchema } from './common-schema.ts';
import { parseHost } from './host.ts';
import { pairFault, parseChain, parseKey } from './pem.ts';
import { isSealed } from './sealed.ts';
import { readOnlyFields } from './service.ts';
import { text } from './text-schema.ts';

export const CERTIFICATE_LIMITS = { hosts: 1000, certLength: 256 * 1024, keyLength: 64 * 1024 } as const;

/** Messages about what is or may be a key say nothing of it. */
function pem(what: string, most: number, parse: (text: string) => string) {
  return z
    .string({ error: `${what} must be a string of PEM` })
    .max(most, { error: `${what} must be at most ${most} characters` })
    .transform((value, context) => {
      try {
        return parse(value);
      } catch (thrown) {
        context.addIssue({ code: 'custom', message: `${what} ${thrown instanceof Error ? thrown.message : 'is not valid'}` });
        return z.NEVER;
      }
    });
}

function file(what: string) {
  return z
    .string({ error: `${what} must be a path` })
    .max(4096, { error: `${what} must be at most 4096 characters` })
    .regex(/^\/[^\0]*[^/\0]$/, { error: `${what} must be an absolute path of a file on the daemon's machine, as in /etc/envoyage/web.pem` });
}

const certificateHost = text('the host', (said) => {
  const host = parseHost(said);
  if (!isName(host)) throw new Error('is an address: clients ask for certificates by name alone');
  return host;
});

const certificateFields = {
  kind: z.literal('Certificate', { error: 'kind must be "Certificate"' }),
  name: nameSchema('the name').meta({ description: 'What listeners call it by.' }),
  hosts: z
    .array(certificateHost, { error: 'hosts must be a list of names, as in ["web.example.com"]' })
    .min(1, { error: 'hosts must name at least one; leave it out for those in the certificate' })
    .max(CERTIFICATE_LIMITS.hosts, { error: `hosts must name at most ${CERTIFICATE_LIMITS.hosts}` })
    .transform((hosts): readonly string[] => [...new Set(hosts)].toSorted())
    .optional()
    .meta({ description: 'The names that clients may ask for to be shown it; left out, those in the certificate.' }),
  cert: pem('cert', CERTIFICATE_LIMITS.certLength, (said) => parseChain(said).pem)
    .optional()
    .meta({ description: 'PEM, the chain from the leaf on.' }),
  key: pem('key', CERTIFICATE_LIMITS.keyLength, (said) => (isSealed(said) ? said : parseKey(said).pem))
    .optional()
    .meta({ description: 'PEM, of RSA or ECDSA, without a passphrase; sealed wherever it is kept.', writeOnly: true }),
  certFile: file('certFile').optional().meta({ description: "The same as a file on the daemon's machine, read again when it changes." }),
  keyFile: file('keyFile').optional().meta({ description: 'Likewise.' }),
  ...commonFields,
};

/** A certificate as it is sent; unknown fields are refused. That a sealed key fits is for those to see who can open it. */
export const certificateSchema = z
  .strictObject(
    { ...certificateFields, ...readOnlyFields },
    {
      error: (issue) =>
        issue.code === 'invalid_type' ? 'a certificate must be an object, as in {"kind":"Certificate","name":"web","cert":"…","key":"…"}' : undefined,
    },
  )
  .transform((said, context): Certificate => {
    const { kind, name, hosts, cert, key, certFile, keyFile } = said;
    const refuse = (field: keyof typeof said, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
    const inline = cert !== undefined || key !== undefined;
    const files = certFile !== undefined || keyFile !== undefined;
    if (inline && files) refuse(certFile === undefined ? 'keyFile' : 'certFile', 'a certificate is either cert and key or certFile and keyFile, not both');
    else if (!inline && !files) refuse('cert', 'a certificate needs cert and key, or certFile and keyFile');
    else if (inline && key === undefined) refuse('key', 'cert is there without its key');
    else if (inline && cert === undefined) refuse('cert', 'key is there without its cert');
    else if (files && keyFile === undefined) refuse('keyFile', 'certFile is there without keyFile');
    else if (files && certFile === undefined) refuse('certFile', 'keyFile is there without certFile');
    if (cert !== undefined && key !== undefined && !isSealed(key)) {
      const fault = pairFault(parseChain(cert), parseKey(key).key);
      if (fault !== undefined) refuse('key', `key ${fault}`);
    }
    return {
      kind,
      name,
      ...(hosts === undefined ? {} : { hosts }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(certFile === undefined ? {} : { certFile }),
      ...(keyFile === undefined ? {} : { keyFile }),
      ...commonOf(said),
    };
  })
  .meta({ id: 'Certificate' });

/** The names of the fields a certificate may have, for "did you mean". */
export const CERTIFICATE_FIELDS: readonly string[] = [...Object.keys(certificateFields), ...Object.keys(readOnlyFields)];
