import { X509Certificate } from 'node:crypto';
import type { CertificateNames } from './identity.ts';

/** What is kept of a client's certificate while it has a stream. */
export interface Certificate {
  readonly names: CertificateNames;
  /** Hexadecimal, lower case, without leading zeros. */
  readonly serial: string;
  /** SHA-256 of the whole, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** DER */
  readonly raw: Buffer;
}

/** @throws Error where the bytes are no certificate */
export function readCertificate(raw: Buffer): Certificate {
  const certificate = new X509Certificate(raw);
  const { uris, dns } = parseAltNames(certificate.subjectAltName ?? '');
  const cn: unknown = certificate.toLegacyObject().subject?.CN;
  return {
    names: { uris, dns, cn: typeof cn === 'string' && isPlain(cn) ? cn : undefined },
    serial: plainSerial(certificate.serialNumber),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    notAfter: certificate.validToDate.getTime(),
    raw,
  };
}

export function plainSerial(text: string): string {
  return text
    .replaceAll(':', '')
    .toLowerCase()
    .replace(/^0+(?=.)/, '');
}

/**
 * The URIs and DNS names in Node's text form of a subjectAltName, in which a value with a comma or anything unusual is a
 * JSON string (https://nodejs.org/api/crypto.html#x509subjectaltname). Such values are no names of ours and are left out,
 * as are wildcards, which name nobody.
 */
export function parseAltNames(text: string): { uris: string[]; dns: string[] } {
  const uris: string[] = [];
  const dns: string[] = [];
  for (const [, kind, value = ''] of text.matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy)) {
    if (!isPlain(value)) continue;
    if (kind === 'URI') uris.push(value);
    else if (kind === 'DNS') dns.push(value.toLowerCase());
  }
  return { uris, dns };
}

/** Printable ASCII without spaces, quotes, commas, backslashes and stars. */
function isPlain(name: string): boolean {
  return /^[!#-)+\-.-[\]-~]{1,2048}$/.test(name);
}
