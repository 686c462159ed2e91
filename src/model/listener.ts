import type { Common } from './common.ts';

/**
 * What Envoys listen on. A listener named `http` takes the place of the one that every group has by `--listener`; others join it.
 */
export interface Listener extends Common {
  readonly kind: 'Listener';
  readonly name: string;
  /** ADDRESS:PORT */
  readonly address: string;
  readonly protocol: 'http' | 'https';
  /** https: names of certificates, chosen by the name that a client asks for (SNI); the first serves clients that name none of theirs. */
  readonly certificates?: readonly string[];
  /** https: the lowest version of TLS; 1.2 unless given. */
  readonly minTls?: '1.2' | '1.3';
  /** http: answers every request with a redirect to https, on this port where it is a number. */
  readonly redirectToHttps?: boolean | number;
}
