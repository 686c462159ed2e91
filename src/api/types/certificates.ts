import type { CertificateFacts } from '../../model/certificate-facts.ts';

/** Certificates as they are served. */

/** A certificate as Envoys are shown it now: of its key it says nothing. */
export interface CertificateStatus {
  readonly name: string;
  /** Where it comes from: what was applied, or files on the daemon's machine. */
  readonly source: 'inline' | 'files';
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The names that clients may ask for to be shown it. */
  readonly hosts: readonly string[];
  /** Of what is served; null where nothing is. */
  readonly certificate: CertificateFacts | null;
  /** What is the matter: it has expired, or its files hold no pair. What was good is served on. */
  readonly problem?: string;
}

/** Answer of GET /api/v1/certificates. */
export interface CertificateList {
  readonly certificates: readonly CertificateStatus[];
  readonly revision: number;
}
