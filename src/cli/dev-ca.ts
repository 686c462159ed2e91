// Before the library, which finds its parts by it.
import 'reflect-metadata';
import { createPrivateKey, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

/** A certificate authority for development, which Node can read but not make. */

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** PEM, both. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Span {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly days: number;
}

export async function makeAuthority(name: string, span: Span): Promise<Pair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    ...times(span),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      // It signs no further authorities.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pairOf(certificate, keys);
}

/**
 * A certificate for servers and clients.
 * @param hosts names and addresses, at least one
 * @throws Error where the authority's key is not its certificate's
 */
export async function issue(authority: Pair, hosts: readonly string[], span: Span): Promise<Pair> {
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = createPrivateKey(authority.key);
  if (!new X509Certificate(authority.cert).checkPrivateKey(signingKey)) throw new Error('the key of the authority is not that of its certificate');
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [(hosts[0] ?? '').slice(0, MOST_COMMON_NAME)] }],
    issuer: issuer.subjectName,
    ...times(span),
    publicKey: keys.publicKey,
    signingKey: signingKey.toCryptoKey(ALGORITHM, true, ['sign']),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return pairOf(certificate, keys);
}

/** ub-common-name, RFC 5280 appendix A.1; names are compared with the alternative names anyway. */
const MOST_COMMON_NAME = 64;

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** 127 random bits: positive, and nobody else's (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f || 1;
  return bytes.toString('hex');
}

/** An hour back, for clocks that are slow. */
function times({ now, days }: Span): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + days * DAY_MS) };
}

function pairOf(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Pair {
  return { cert: `${certificate.toString('pem').trim()}\n`, key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString() };
}
