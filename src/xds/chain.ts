import { X509Certificate } from 'node:crypto';

/** Far longer than any chain that is in use; ends cycles of authorities that signed each other. */
const MOST_STEPS = 8;

/** The certificates of a PEM bundle. @throws Error where one of them cannot be read */
export function readBundle(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((block) => new X509Certificate(block));
}

/**
 * Whether a certificate that was verified when its connection was made would still be: whether it leads, signature by
 * signature, to an authority in `bundle` that signed itself. OpenSSL did the rest of the verification at the handshake.
 * @param others what the client sent along, between its certificate and the authority
 */
export function leadsTo(bundle: readonly X509Certificate[], leaf: X509Certificate, others: readonly X509Certificate[], now: number): boolean {
  const authorities = [...bundle, ...others].filter((certificate) => certificate.ca && certificate.validToDate.getTime() > now);
  const roots = new Set(bundle.map(({ fingerprint256 }) => fingerprint256));
  const reaches = (certificate: X509Certificate, steps: number): boolean => {
    if (roots.has(certificate.fingerprint256) && issued(certificate, certificate)) return true;
    return (
      steps > 0 &&
      authorities.some((issuer) => issuer.fingerprint256 !== certificate.fingerprint256 && issued(issuer, certificate) && reaches(issuer, steps - 1))
    );
  };
  return reaches(leaf, MOST_STEPS);
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
