/** The groups that someone may join; `any` for all of them. */
export type Groups = readonly string[] | 'any';

/** Who is at the other end of a stream, as far as it proved it. */
export interface Identity {
  readonly kind: 'certificate' | 'token';
  /** The name in the certificate, or that of the token. Never the token itself. */
  readonly name: string;
  readonly groups: Groups;
}

/** What a certificate says of its holder. */
export interface CertificateNames {
  readonly uris: readonly string[];
  readonly dns: readonly string[];
  /** Counts only where there are no alternative names (RFC 6125 §6.4.4). */
  readonly cn: string | undefined;
}

/** Certificates with a name like `pattern` may join `group`, or any where it is `*`. */
export interface GroupRule {
  readonly group: string;
  readonly pattern: string;
}

/** A client that may not have what it asks for; the stream ends with PERMISSION_DENIED and these words. */
export class AccessError extends Error {}

const GROUP = /^[A-Za-z0-9._-]{1,128}$/;

/** Every name that counts, the most telling first: URIs (SPIFFE), DNS names, else the common name. */
export function namesOf({ uris, dns, cn }: CertificateNames): readonly string[] {
  const names = [...uris, ...dns];
  return names.length > 0 || cn === undefined ? names : [cn];
}

/**
 * Who the holder of a certificate is. With rules: every rule that one of its names matches gives a group. Without: the
 * first name alone decides, by the last part of a URI's path or the first label of a DNS or common name.
 * @returns why it is nobody, as the rest of a sentence that begins with the certificate
 */
export function identify(certificate: CertificateNames, rules: readonly GroupRule[]): Identity | string {
  const names = namesOf(certificate);
  const [first] = names;
  if (first === undefined) return 'has no name: neither a URI nor a DNS name nor a common name';
  if (rules.length > 0) {
    const named = names.filter((name) => rules.some((rule) => matches(rule.pattern, name)));
    const groups = new Set(rules.filter((rule) => names.some((name) => matches(rule.pattern, name))).map(({ group }) => group));
    if (groups.size === 0) return `${JSON.stringify(first)} matches no rule of --xds-client-group`;
    return { kind: 'certificate', name: named[0] ?? first, groups: groups.has('*') ? 'any' : [...groups] };
  }
  const group = first.includes('://') ? lastSegment(first) : (first.split('.')[0] ?? '');
  if (!GROUP.test(group)) return `${JSON.stringify(first)} gives no group: --xds-client-group GROUP=PATTERN can say which`;
  return { kind: 'certificate', name: first, groups: [group] };
}

function lastSegment(uri: string): string {
  const [, path = ''] = /^[^:]+:\/\/[^/]*\/(.+)$/.exec(uri) ?? [];
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `*` stands for one label of a DNS name, or for one part of a URI's path; `**` for any text. Case counts in URIs alone. */
export function matches(pattern: string, name: string): boolean {
  const isUri = pattern.includes('://');
  const one = isUri ? '[^/]+' : '[^.]+';
  const parts = pattern.split(/(\*\*|\*)/).map((part) => (part === '**' ? '.+' : part === '*' ? one : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')));
  return new RegExp(`^${parts.join('')}$`, isUri ? '' : 'i').test(name);
}

/**
 * The group of a node: what it claims (`node.cluster`), as far as its identity allows; where it claims none, the only one
 * that its identity has, else `fallback`. Without an identity a claim is all there is.
 * @throws AccessError
 */
export function groupFor(identity: Identity | undefined, claimed: string, fallback: string): string {
  if (identity === undefined || identity.groups === 'any') return claimed || fallback;
  const { kind, name, groups } = identity;
  const [only] = groups;
  if (claimed === '' && only !== undefined && groups.length === 1) return only;
  const wanted = claimed || fallback;
  if (groups.includes(wanted)) return wanted;
  throw new AccessError(`the ${kind} ${JSON.stringify(name)} is for ${groupsText(groups)}, and not for group ${JSON.stringify(wanted)}`);
}

function groupsText(groups: readonly string[]): string {
  return `${groups.length === 1 ? 'group' : 'groups'} ${groups.map((group) => JSON.stringify(group)).join(', ')}`;
}
