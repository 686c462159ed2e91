import type { X509Certificate } from 'node:crypto';
import { parseHost } from './host.ts';

/** What a certificate says of itself, for people; nothing of it is secret. */
export interface CertificateFacts {
  /** As in RFC 4514, `CN=web.example.com, O=Example`; empty where it has none. */
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses that it is for, as they stand in it. */
  readonly names: readonly string[];
  /** Hexadecimal, lower case, without leading zeros, as openssl shows it otherwise. */
  readonly serial: string;
  /** SHA-256 of the whole, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** RFC 3339, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
}

export function certificateFacts(leaf: X509Certificate): CertificateFacts {
  return {
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    names: alternativeNames(leaf).map(({ value }) => value),
    serial: leaf.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore: leaf.validFromDate.toISOString(),
    notAfter: leaf.validToDate.toISOString(),
  };
}

/**
 * The names that a client may ask for to be shown it: its DNS names, or its common name where it has no alternative names at
 * all. Sorted. Addresses are none: a client never asks for one (RFC 6066 §3).
 */
export function serverNames(leaf: X509Certificate): string[] {
  const alternatives = alternativeNames(leaf);
  const said = alternatives.length > 0 ? alternatives.flatMap(({ kind, value }) => (kind === 'DNS' ? [value] : [])) : commonNames(leaf);
  const names = said.flatMap((name) => {
    try {
      const host = parseHost(name);
      return isName(host) ? [host] : [];
    } catch {
      return [];
    }
  });
  return [...new Set(names)].toSorted();
}

/** False for an address. */
export function isName(host: string): boolean {
  return !/^\[|^[0-9.]+$/.test(host);
}

/** What is the matter with the time that it is valid for, as the rest of a sentence; undefined where nothing is. */
export function timeFault({ notBefore, notAfter }: Pick<CertificateFacts, 'notBefore' | 'notAfter'>, now: Date): string | undefined {
  if (now.getTime() > Date.parse(notAfter)) return `expired on ${notAfter.slice(0, 10)}`;
  if (now.getTime() < Date.parse(notBefore)) return `is not valid before ${notBefore.slice(0, 10)}`;
  return undefined;
}

/**
 * In Node's text form of a subjectAltName, a value with a comma or anything unusual is a JSON string
 * (https://nodejs.org/api/crypto.html#x509subjectaltname). Such values are no names and are left out.
 */
function alternativeNames(leaf: X509Certificate): { kind: string; value: string }[] {
  const found = [...(leaf.subjectAltName ?? '').matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy)];
  return found.flatMap(([, kind = '', value = '']) => (/^[!#-+\--~]{1,2048}$/.test(value) ? [{ kind, value }] : []));
}

function commonNames(leaf: X509Certificate): string[] {
  const cn: unknown = leaf.toLegacyObject().subject?.CN;
  return typeof cn === 'string' ? [cn] : [];
}

function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}
