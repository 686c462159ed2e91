import { createSecureContext } from 'node:tls';

/** What is wrong with a certificate and its key, both PEM, as the rest of a sentence that begins with the file. */
export function pairFault(cert: string, key: string): { of: 'cert' | 'key'; message: string } | undefined {
  const certFault = contextFault({ cert });
  if (certFault !== undefined) return { of: 'cert', message: `is not a PEM certificate: ${certFault}` };
  const keyFault = contextFault({ key });
  if (keyFault !== undefined) return { of: 'key', message: `is not a PEM private key: ${keyFault}` };
  return contextFault({ cert, key }) === undefined ? undefined : { of: 'key', message: 'is not the key of the certificate' };
}

function contextFault(material: { cert?: string; key?: string }): string | undefined {
  try {
    createSecureContext(material);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
