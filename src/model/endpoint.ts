import { isIP } from 'node:net';
import { formatHostPort, type HostPort, parseHostPort } from '../lib/address.ts';

/** An upstream address in its canonical form, `name:port`, `IPv4:port` or `[IPv6]:port`. */
export type Endpoint = string;

/** @throws Error whose message says what is wrong, without repeating the text */
export function parseEndpoint(text: string): Endpoint {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw new Error('is a URL: leave out the scheme, as in web-a:5678');
  return formatHostPort(parseHostPort(text, 1));
}

export function endpointAddress(endpoint: Endpoint): HostPort {
  return parseHostPort(endpoint, 1);
}

/** True where no name has to be resolved to reach it. */
export function isAddress(endpoint: Endpoint): boolean {
  return isIP(endpointAddress(endpoint).host) !== 0;
}
