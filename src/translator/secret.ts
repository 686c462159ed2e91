import type { JsonObject } from '../proto/json.ts';
import { secretName } from './names.ts';

/** A certificate with its key, both PEM, in the clear: what this makes goes to Envoys and nowhere else. */
export interface KeyPair {
  readonly name: string;
  /** The chain from the leaf on. */
  readonly cert: string;
  readonly key: string;
}

/** extensions.transport_sockets.tls.v3.Secret */
export function secret({ name, cert, key }: KeyPair): JsonObject {
  return { name: secretName(name), tlsCertificate: { certificateChain: { inlineString: cert }, privateKey: { inlineString: key } } };
}
