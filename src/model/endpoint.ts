import { isIP } from 'node:net';
import { formatHostPort, type HostPort, parseHostPort } from '../lib/address.ts';

/** Where requests go, with what is to be said about it. One that says its address alone is written as that. */
export interface Endpoint {
  /** `name:port`, `IPv4:port` or `[IPv6]:port`, canonical. */
  readonly address: string;
  /** Of the sum over all that take requests; 1 unless given. */
  readonly weight?: number;
  /** The part of the network that it is in, as Envoy's `node.locality.zone` has it. */
  readonly zone?: string;
  /** Where those of a lower number are healthy they take all requests; 0 unless given. */
  readonly priority?: number;
  /**
   * `unhealthy`: it is known not to be well, and gets requests only where too few others are well. `draining`: requests that are
   * under way end there, new ones go to the others. `disabled`: as if it were not there.
   */
  readonly state?: 'unhealthy' | 'draining' | 'disabled';
}

export const ENDPOINT_LIMITS = { weight: 1000, priority: 127, zone: 63 } as const;

/** @throws Error whose message says what is wrong, without repeating the text */
export function parseEndpoint(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw new Error('is a URL: leave out the scheme, as in web-a:5678');
  return formatHostPort(parseHostPort(text, 1));
}

/** `name:port` or `address:port` */
export function addressOf(endpoint: string | Endpoint): string {
  return typeof endpoint === 'string' ? endpoint : endpoint.address;
}

export function endpointAddress(endpoint: string | Endpoint): HostPort {
  return parseHostPort(addressOf(endpoint), 1);
}

/** True where no name has to be resolved to reach it. */
export function isAddress(endpoint: string | Endpoint): boolean {
  return isIP(endpointAddress(endpoint).host) !== 0;
}

/** In the place of an address that is not known any more, as of a container that is gone; always disabled, so that no Envoy sees it. */
export const NOWHERE = '0.0.0.0:1';

/** `10.0.0.1:80 (draining)`, for people. */
export function describeEndpoint(endpoint: string | Endpoint): string {
  if (typeof endpoint === 'string') return endpoint;
  const { address, weight, state } = endpoint;
  if (address === NOWHERE && state === 'disabled') return 'nobody for now';
  const words = [...(weight === undefined ? [] : [`weight ${weight}`]), ...(state === undefined ? [] : [state])];
  return words.length === 0 ? address : `${address} (${words.join(', ')})`;
}
