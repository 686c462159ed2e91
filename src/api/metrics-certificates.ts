import type { FamilyOptions } from './metric-family.ts';
import type { CertificatesPort } from './ports.ts';

/** Of each certificate: when it ends, and whether something is the matter with it. */
export function certificateMetrics({ list }: CertificatesPort): FamilyOptions[] {
  return [
    {
      name: 'envoyage_certificate_not_after_seconds',
      help: 'When the certificate that is served expires, seconds since the epoch.',
      type: 'gauge',
      read: () => list().flatMap(({ name, certificate }) => (certificate === null ? [] : [[{ name }, Date.parse(certificate.notAfter) / 1000] as const])),
    },
    {
      name: 'envoyage_certificate_problem',
      help: '1 where a certificate has expired, or where what replaces it cannot be served; GET /api/v1/certificates says why.',
      type: 'gauge',
      read: () => list().map(({ name, problem }) => [{ name }, problem === undefined ? 0 : 1] as const),
    },
  ];
}
