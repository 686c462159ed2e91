import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { SEALED_PREFIX } from '../model/sealed.ts';

/** Bytes of the secret that everything here is derived from. */
export const SECRET_LENGTH = 32;

const ID_LENGTH = 4;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

export type SealFault = 'malformed' | 'other-key' | 'damaged';

/** Something sealed that does not open. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly fault: SealFault;

  constructor(fault: SealFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/**
 * Seals text with AES-256-GCM. Equal text under the same secret has one sealed form, so that what is declared again is seen to
 * be equal without being opened. To this end the nonce is not random but a MAC of the text, as in AES-SIV (RFC 5297 §1.3.2,
 * "deterministic authenticated encryption"): two texts never share a nonce, but for a collision of 96 bits, and all
 * that somebody learns without the secret is which sealed texts are equal, and how long they are. Nonce and encryption have
 * keys of their own, derived from the secret (HKDF, RFC 5869).
 *
 * The form is `sealed:v1:` and in base64url: an identifier of the secret, 4 bytes; the nonce, 12; the tag, 16; the rest.
 */
export class Sealer {
  readonly #encryption: Buffer;
  readonly #nonces: Buffer;
  readonly #id: Buffer;

  /** @param secret of {@link SECRET_LENGTH} bytes, random */
  constructor(secret: Uint8Array) {
    if (secret.length !== SECRET_LENGTH) throw new Error(`a secret has ${SECRET_LENGTH} bytes, not ${secret.length}`);
    const derive = (purpose: string, length: number): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `envoyage sealed:v1 ${purpose}`, length));
    this.#encryption = derive('encryption', 32);
    this.#nonces = derive('nonce', 32);
    this.#id = derive('id', ID_LENGTH);
  }

  seal(text: string): string {
    const iv = this.#nonce(text);
    const cipher = createCipheriv('aes-256-gcm', this.#encryption, iv, { authTagLength: TAG_LENGTH }).setAAD(this.#id);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return SEALED_PREFIX + Buffer.concat([this.#id, iv, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** @throws SealError */
  open(sealed: string): string {
    const bytes = Buffer.from(sealed.slice(SEALED_PREFIX.length), 'base64url');
    const header = ID_LENGTH + IV_LENGTH + TAG_LENGTH;
    if (!sealed.startsWith(SEALED_PREFIX) || bytes.length < header) throw new SealError('malformed', 'it is no sealed text');
    const id = bytes.subarray(0, ID_LENGTH);
    if (!id.equals(this.#id)) {
      throw new SealError('other-key', `it was sealed with the secret key ${id.toString('hex')}, and this one is ${this.#id.toString('hex')}`);
    }
    const iv = bytes.subarray(ID_LENGTH, ID_LENGTH + IV_LENGTH);
    const decipher = createDecipheriv('aes-256-gcm', this.#encryption, iv, { authTagLength: TAG_LENGTH });
    decipher.setAAD(id).setAuthTag(bytes.subarray(ID_LENGTH + IV_LENGTH, header));
    let text: string;
    try {
      text = Buffer.concat([decipher.update(bytes.subarray(header)), decipher.final()]).toString('utf8');
    } catch {
      throw new SealError('damaged', 'it has been changed since it was sealed');
    }
    // So that each text has no other form than the one that seal() makes.
    if (!timingSafeEqual(iv, this.#nonce(text))) throw new SealError('damaged', 'it has been changed since it was sealed');
    return text;
  }

  #nonce(text: string): Buffer {
    return createHmac('sha256', this.#nonces).update(text, 'utf8').digest().subarray(0, IV_LENGTH);
  }
}
