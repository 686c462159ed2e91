import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { domainToASCII } from 'node:url';

/** A host (name or IP address, IPv6 without brackets) and a port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Of a DNS name in its textual form, without a dot at its end (RFC 1035 §2.3.4). */
export const MOST_NAME_LENGTH = 253;

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Why `name` is not a DNS name (RFC 1123, underscores allowed as container names have them); undefined where it is one. */
export function dnsNameFault(name: string, mostLength = MOST_NAME_LENGTH): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > mostLength) return `is longer than ${MOST_NAME_LENGTH} characters`;
  if (/^[0-9.]+$/.test(name)) return 'looks like an IP address but is not one';
  for (const label of name.split('.')) {
    if (label === '') return 'has an empty label (a dot too many)';
    if (label.length > 63) return `has a label longer than 63 characters ("${label.slice(0, 20)}…")`;
    if (!LABEL.test(label)) return `has a label that is not made of letters, digits and inner hyphens ("${label}")`;
  }
  return undefined;
}

/**
 * A name in the ASCII form that DNS and HTTP carry, lower case: Unicode becomes Punycode (UTS #46). What cannot be a name
 * comes back lower-cased as it is, for {@link dnsNameFault} to say why.
 */
export function toAsciiName(name: string): string {
  const lower = name.toLowerCase();
  if (!/[\u0080-\u{10ffff}]/u.test(lower) || lower.length > 4 * MOST_NAME_LENGTH) return lower;
  // domainToASCII reads a URL's host: it decodes %41, and drops what comes after ? and #.
  if (/[^a-z0-9._\-\u0080-\u{10ffff}]/u.test(lower)) return lower;
  return domainToASCII(name) || lower;
}

/** An IP address as there is only one way to write it (RFC 5952; a zone stays as it is); undefined for what is none. */
export function canonicalIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const [address = '', zone] = text.split('%');
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

/**
 * Reads `HOST:PORT`, `IPv4:PORT` or `[IPv6]:PORT` into its canonical form: lower case, Unicode names in ASCII, addresses as
 * RFC 5952 writes them, IPv4 where they stand for it. A name may end with a dot, which keeps resolvers from trying it under
 * their search domains.
 * @param lowestPort 0 where "any free port" makes sense (listening), 1 where it does not (connecting)
 * @throws Error whose message says what is wrong with the text, without repeating it
 */
export function parseHostPort(text: string, lowestPort: 0 | 1): HostPort {
  const bracketed = /^\[([^\]]*)\](.*)$/s.exec(text);
  const colon = text.lastIndexOf(':');
  const said = (bracketed ? bracketed[1] : colon < 0 ? text : text.slice(0, colon)) ?? '';
  const rest = bracketed ? (bracketed[2] ?? '') : colon < 0 ? '' : text.slice(colon);
  if (bracketed) {
    if (!isIPv6(said)) throw new Error('has brackets around something that is not an IPv6 address');
  } else if (said.includes(':')) {
    throw new Error(isIPv6(text) || isIPv6(said) ? 'is an IPv6 address without brackets: write [ADDRESS]:PORT' : 'has too many colons');
  }
  if (!rest.startsWith(':') || rest === ':') throw new Error('lacks a port: write HOST:PORT');
  const digits = rest.slice(1);
  if (!/^\d{1,10}$/.test(digits)) throw new Error(`has a port that is not a number ("${digits.slice(0, 20)}")`);
  const port = Number(digits);
  if (port < lowestPort || port > 65535) throw new Error(`has port ${digits}, which is not within ${lowestPort} to 65535`);
  const host = unmapped(canonicalIp(said) ?? toAsciiName(said));
  if (canonicalIp(host) === undefined) {
    const fault = dnsNameFault(host.replace(/\.$/, ''));
    if (fault !== undefined) throw new Error(`has a host that ${fault}`);
  }
  return { host, port };
}

/** The IPv4 address inside an IPv6 one that stands for it: Envoy's IPv6 sockets reach IPv6 alone. */
function unmapped(host: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(host)?.[1] ?? host;
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True for what only this machine can reach: 127.0.0.0/8, ::1 (and its IPv4-mapped kin) and localhost names (RFC 6761). */
export function isLoopback(host: string): boolean {
  const bare = host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true;
  const ip = canonicalIp(bare);
  return ip === '::1' || (ip !== undefined && /^(?:::ffff:)?127\.\d/.test(ip));
}
