import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { leadsTo } from './chain.ts';
import { type GroupRule, type Groups, type Identity, identify, namesOf } from './identity.ts';

/** One bearer token. What is kept is its hash. */
export interface TokenEntry {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly hash: Buffer;
  readonly groups: Groups;
}

/** Certificates that count no more, though their authority still does. */
export interface Revoked {
  /** As in {@link Certificate}. */
  readonly serials: ReadonlySet<string>;
  readonly fingerprints: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

/** Who may open a stream. Without `clientCa` and `tokens` anybody may. */
export interface Access {
  readonly clientCa?: readonly X509Certificate[] | undefined;
  readonly groupRules?: readonly GroupRule[] | undefined;
  readonly revoked?: Revoked | undefined;
  readonly tokens?: readonly TokenEntry[] | undefined;
}

/** What a client showed. The certificate is there where the handshake found it valid. */
export interface Shown {
  readonly certificate: Certificate | undefined;
  /** The `authorization` of the call's metadata. */
  readonly authorization: string | undefined;
}

/** What a stream was let in by, to be looked at again when {@link Access} changes. */
export interface Credential {
  readonly identity: Identity;
  readonly certificate?: Certificate;
  readonly token?: Buffer;
}

/**
 * Lets a client in, or says in words why not. A token that is sent decides, else the certificate.
 * @returns undefined where nobody has to show anything
 */
export function authenticate(access: Access, { certificate, authorization }: Shown, now: number): Credential | string | undefined {
  const { clientCa, tokens } = access;
  if (clientCa === undefined && tokens === undefined) return undefined;
  if (tokens !== undefined && authorization !== undefined) {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    if (token === undefined) return 'the authorization that it sent is not "Bearer TOKEN"';
    const found = findToken(tokens, createHash('sha256').update(token).digest());
    return found === undefined ? 'the token that it sent is not one of --xds-token-file' : { identity: tokenIdentity(found), token: found.hash };
  }
  if (clientCa === undefined) return 'it sent no token: its bootstrap needs one, as envoyage bootstrap --xds-token-file FILE makes it';
  if (certificate === undefined) return tokens === undefined ? 'it showed no valid certificate' : 'it showed neither a valid certificate nor a token';
  const fault = certificateFault(access, certificate, now);
  if (fault !== undefined) return `the certificate ${fault}`;
  const identity = identify(certificate.names, access.groupRules ?? []);
  return typeof identity === 'string' ? `the certificate ${identity}` : { identity, certificate };
}

/**
 * Why someone who was let in may not stay; undefined where nothing speaks against it.
 * @param others what the client sent along with its certificate, where its authority is to be looked at again
 */
export function credentialFault(
  access: Access,
  { identity, certificate, token }: Credential,
  others: readonly X509Certificate[] | undefined,
  now: number,
): string | undefined {
  const name = JSON.stringify(identity.name);
  if (token !== undefined) {
    const found = findToken(access.tokens ?? [], token);
    if (found === undefined) return `the token ${name} was revoked`;
    return sameGroups(found.groups, identity.groups) ? undefined : `the groups of the token ${name} have changed`;
  }
  if (certificate === undefined) return undefined;
  const fault = certificateFault(access, certificate, now);
  if (fault !== undefined) return `the certificate ${fault}`;
  const { clientCa } = access;
  if (clientCa === undefined || others === undefined || leadsTo(clientCa, new X509Certificate(certificate.raw), others, now)) return undefined;
  return `the certificate ${name} is not of an authority in --xds-client-ca any more`;
}

export function sameAuthorities(a: Access, b: Access): boolean {
  const prints = ({ clientCa = [] }: Access): string => clientCa.map(({ fingerprint256 }) => fingerprint256).join();
  return prints(a) === prints(b);
}

function certificateFault({ revoked }: Access, certificate: Certificate, now: number): string | undefined {
  const names = namesOf(certificate.names);
  const shown = JSON.stringify(names[0] ?? certificate.serial);
  if (certificate.notAfter <= now) return `${shown} has expired`;
  if (revoked === undefined) return undefined;
  const { serials, fingerprints, names: revokedNames } = revoked;
  const isRevoked = serials.has(certificate.serial) || fingerprints.has(certificate.fingerprint) || names.some((name) => revokedNames.has(name));
  return isRevoked ? `${shown} was revoked` : undefined;
}

/** Looks at all of them, so that the time it takes says nothing. */
function findToken(tokens: readonly TokenEntry[], hash: Buffer): TokenEntry | undefined {
  let found: TokenEntry | undefined;
  for (const entry of tokens) if (timingSafeEqual(entry.hash, hash)) found = entry;
  return found;
}

function tokenIdentity({ name, groups }: TokenEntry): Identity {
  return { kind: 'token', name, groups };
}

function sameGroups(a: Groups, b: Groups): boolean {
  return a === b || (a !== 'any' && b !== 'any' && a.length === b.length && a.every((group) => b.includes(group)));
}
