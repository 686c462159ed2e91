import type { Certificate } from '../model/certificate.ts';

/** What a certificate consists of, in the clear: for Envoys and nobody else. */
export interface Material {
  /** PEM, the chain from the leaf on. */
  readonly cert: string;
  readonly key: string;
  /** The names that clients may ask for to be shown it. */
  readonly hosts: readonly string[];
}

/**
 * Where views have it from; undefined where there is none. It may be another one for the same certificate later on, where
 * that is in files: `Rollout.refresh` has views look again. Equal content is the same object.
 */
export type Materials = (certificate: Certificate) => Material | undefined;

/** What the certificate says itself. */
export const ownMaterial: Materials = ({ cert, key, hosts = [] }) => (cert === undefined || key === undefined ? undefined : { cert, key, hosts });

/** True where what is to be served may change without the object. */
export function isElsewhere(object: object): boolean {
  return 'certFile' in object;
}
