import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** A certificate chain as its PEM blocks are written, from the leaf on. */
export interface Chain {
  /** The blocks alone, without what stands between them, so that equal chains are equal text. */
  readonly pem: string;
  readonly leaf: X509Certificate;
  readonly rest: readonly X509Certificate[];
}

const CERTIFICATE_BLOCK = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const KEY_BLOCK = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----([^-]*)-----END \1-----/g;

/** @throws Error whose message says what is wrong, as the rest of a sentence, and repeats nothing of the text */
export function parseChain(text: string): Chain {
  const blocks = text.match(CERTIFICATE_BLOCK) ?? [];
  if (blocks.length === 0) throw new Error('holds no PEM certificate (-----BEGIN CERTIFICATE-----)');
  const [leaf, ...rest] = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(
        blocks.length === 1 ? 'holds a certificate that cannot be read' : `holds a certificate that cannot be read, the ${index + 1}. of ${blocks.length}`,
      );
    }
  });
  if (leaf === undefined) throw new Error('holds no PEM certificate');
  return { pem: [leaf, ...rest].map((each) => each.toString()).join(''), leaf, rest };
}

/**
 * A private key that Envoy can use, as PEM of PKCS #8 whatever it came as, so that equal keys are equal text.
 * @throws Error likewise: never with anything of the key in it
 */
export function parseKey(text: string): { readonly pem: string; readonly key: KeyObject } {
  const blocks = [...text.matchAll(KEY_BLOCK)];
  const [block] = blocks;
  if (block === undefined) throw new Error('holds no PEM private key (-----BEGIN PRIVATE KEY-----)');
  if (blocks.length > 1) throw new Error('holds more than one private key');
  if (block[1] === 'ENCRYPTED PRIVATE KEY' || block[2]?.includes('ENCRYPTED')) {
    throw new Error('holds a private key that a passphrase protects: Envoyage seals keys itself, give it without one');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(block[0]);
  } catch {
    throw new Error('holds a private key that cannot be read');
  }
  const fault = keyFault(key);
  if (fault !== undefined) throw new Error(fault);
  return { pem: key.export({ type: 'pkcs8', format: 'pem' }).toString(), key };
}

/** P-256, P-384 and P-521. */
const CURVES: readonly unknown[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** What Envoy would refuse (tls/context_impl.cc: RSA from 2048 bits on, and ECDSA on three curves; seen with 1.36 and 1.40). */
function keyFault({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'ec') {
    const curve = asymmetricKeyDetails?.namedCurve;
    return CURVES.includes(curve) ? undefined : `holds an ECDSA key on the curve ${curve}: Envoy takes P-256, P-384 and P-521`;
  }
  if (asymmetricKeyType !== 'rsa') return `holds a key of the type ${asymmetricKeyType}: Envoy takes RSA and ECDSA keys alone`;
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < 2048 ? `holds an RSA key of ${bits} bits: Envoy takes none of fewer than 2048` : undefined;
}

/** Why `key` is not that of `chain`, as the rest of a sentence that begins with the key; undefined where it is. */
export function pairFault({ leaf, rest }: Chain, key: KeyObject): string | undefined {
  if (leaf.checkPrivateKey(key)) return undefined;
  const at = rest.findIndex((each) => each.checkPrivateKey(key));
  return at < 0 ? 'is not the key of the certificate' : `is the key of the ${at + 2}. certificate: the chain has to begin with that one`;
}
