import type { SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';

/** What the server proves itself with, and whom it believes. PEM. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Authorities of clients; without it no certificate is asked for. */
  readonly clientCa?: Buffer | undefined;
}

export interface TlsRules {
  /** Whether a client without a valid certificate may finish its handshake, since it may have a token instead. */
  readonly certificateOptional: boolean;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
}

/**
 * TLS whose material can be replaced: new handshakes use what is newest, connections that stand are left alone. With new
 * material come new keys for session tickets, so that nobody resumes a session that the old authorities let in.
 */
export class TlsCredentials extends ServerCredentials {
  constructor(material: TlsMaterial, { certificateOptional, handshakeTimeout }: TlsRules) {
    super({ requestCert: material.clientCa !== undefined, rejectUnauthorized: !certificateOptional, handshakeTimeout }, context(material));
  }

  /** Whether certificates are asked for at all stays as it was. */
  update(material: TlsMaterial): void {
    this.updateSecureContextOptions(context(material));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

function context({ cert, key, clientCa }: TlsMaterial): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(clientCa === undefined ? {} : { ca: clientCa }) };
}
