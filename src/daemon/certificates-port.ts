import type { CertificatesPort } from '../api/ports.ts';
import type { CertificateStatus } from '../api/types.ts';
import { filesOf } from './certificate-source.ts';
import type { Certificates } from './certificates.ts';

/** Certificates as the API tells of them: nothing of their keys. */
export function certificatesPort(certificates: Certificates): CertificatesPort {
  return {
    list: () =>
      certificates.states(new Date()).map(({ certificate, facts, hosts, problem }): CertificateStatus => {
        const [certFile, keyFile] = filesOf(certificate) ?? [];
        return {
          name: certificate.name,
          source: certFile === undefined ? 'inline' : 'files',
          ...(certFile === undefined || keyFile === undefined ? {} : { certFile, keyFile }),
          hosts,
          certificate: facts ?? null,
          ...(problem === undefined ? {} : { problem }),
        };
      }),
  };
}
