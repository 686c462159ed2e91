import { isIPv4 } from 'node:net';
import { canonicalIp, dnsNameFault, MOST_NAME_LENGTH, toAsciiName } from '../lib/address.ts';

/**
 * The host of a service as Envoy compares it: lower case, Unicode names in their ASCII form (UTS #46), `*.example.com`
 * for any name under example.com. Ports and schemes do not belong into it.
 * @throws Error whose message says what is wrong, without repeating the text
 */
export function parseHost(text: string): string {
  if (text === '') throw new Error('is empty');
  if (/^[a-z]+:\/\//i.test(text)) throw new Error('is a URL: leave out the scheme, as in web.example.com');
  if (text.includes('/')) throw new Error('has a path: a host is a name alone, as in web.example.com');
  const address = addressOf(text);
  if (address !== undefined) return address;
  if (/:\d*$/.test(text)) throw new Error('has a port: a host matches requests to any port, as in web.example.com');
  const wildcard = text.startsWith('*.') ? '*.' : '';
  const name = text.slice(wildcard.length);
  if (name.includes('*')) throw new Error('has a * that is not the whole first label, as in *.example.com');
  const ascii = toAsciiName(name).replace(/\.$/, '');
  const fault = dnsNameFault(ascii, MOST_NAME_LENGTH - wildcard.length);
  if (fault !== undefined) throw new Error(fault);
  return wildcard + ascii;
}

/** An IP address as clients write it into the Host header, IPv6 in brackets; undefined where it is none. A zone never gets there (RFC 6874 §3). */
function addressOf(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const ip = canonicalIp(/^\[(.*)\]$/.exec(text)?.[1] ?? text);
  return ip === undefined || isIPv4(ip) || ip.includes('%') ? undefined : `[${ip}]`;
}
