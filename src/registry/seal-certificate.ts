import { EnvoyageError } from '../lib/errors.ts';
import type { Certificate } from '../model/certificate.ts';
import type { DeclaredEdit } from '../model/declared.ts';
import type { Edit } from '../model/edit.ts';
import { isDeclared, keyOf } from '../model/kinds.ts';
import { pairFault, parseChain, parseKey } from '../model/pem.ts';
import { isSealed } from '../model/sealed.ts';
import type { Secrets } from './registry.ts';
import { SealError } from './sealer.ts';

/**
 * The certificate as it may be kept and shown: with its key sealed. It has to pass through here before it is compared,
 * stored, logged or told of. A key that is sealed already is what somebody read here before, and stays as it is.
 * @param field where the certificate stands in what was sent, a JSON pointer
 * @throws EnvoyageError invalid-request where a sealed key does not open, or is not that of the certificate;
 *   secret-key-unusable
 */
export function sealCertificate(certificate: Certificate, secret: Secrets, field = ''): Certificate {
  const { cert, key } = certificate;
  if (key === undefined) return certificate;
  if (!isSealed(key)) return { ...certificate, key: secret.seal(key) };
  const fault = sealedFault(cert, key, secret);
  if (fault === undefined) return certificate;
  throw new EnvoyageError('invalid-request', `the key of certificate "${certificate.name}" ${fault}`, {
    hint: 'give the key in PEM, as it came with the certificate',
    errors: [{ field: `${field}/key`, message: `key ${fault}` }],
  });
}

/** The edits with every key in them sealed. What is thrown points into the list where there are several. @throws as {@link sealCertificate} does */
export function sealEdits(edits: readonly Edit[], secret: Secrets): readonly Edit[] {
  return edits.map((edit, i) => {
    if (edit.op !== 'apply' || !isDeclared(edit.wish) || edit.wish.kind !== 'Certificate') return edit;
    const wish = sealCertificate(edit.wish, secret, edits.length > 1 ? `/${i}` : '');
    return wish === edit.wish ? edit : { ...edit, wish };
  });
}

/**
 * The same for edits of which each may be refused without the others.
 * @throws EnvoyageError secret-key-unusable
 */
export function sealEach(
  edits: readonly DeclaredEdit[],
  secret: Secrets,
): { readonly sealed: readonly DeclaredEdit[]; readonly unsealable: ReadonlyMap<string, EnvoyageError> } {
  const unsealable = new Map<string, EnvoyageError>();
  const sealed = edits.flatMap((edit): DeclaredEdit[] => {
    if (edit.op !== 'apply' || !isDeclared(edit.wish) || edit.wish.kind !== 'Certificate') return [edit];
    try {
      return [{ ...edit, wish: sealCertificate(edit.wish, secret) }];
    } catch (thrown) {
      const fault = EnvoyageError.from(thrown);
      if (fault.code !== 'invalid-request') throw thrown;
      unsealable.set(keyOf(edit.wish), fault);
      return [];
    }
  });
  return { sealed, unsealable };
}

function sealedFault(cert: string | undefined, sealed: string, secret: Secrets): string | undefined {
  let key: string;
  try {
    key = secret.open(sealed);
  } catch (thrown) {
    if (!(thrown instanceof SealError)) throw thrown;
    return thrown.fault === 'other-key' ? 'was sealed by another Envoyage, or with a secret key that this one no longer has' : 'is sealed, and damaged';
  }
  return cert === undefined ? undefined : pairFault(parseChain(cert), parseKey(key).key);
}
