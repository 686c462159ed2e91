import type { Common } from './common.ts';

/** A certificate with its key, for listeners and for clusters that show one; by SDS alone. */
export interface Certificate extends Common {
  readonly kind: 'Certificate';
  readonly name: string;
  /** The names that a client may ask for to be shown it; those in the certificate unless given. */
  readonly hosts?: readonly string[];
  /** PEM, the chain from the leaf on. Either this and `key`, or the two files. */
  readonly cert?: string;
  /** PEM; sealed wherever it is stored, and shown to nobody. */
  readonly key?: string;
  /** Files on the daemon's machine, read anew when they change. */
  readonly certFile?: string;
  readonly keyFile?: string;
}
