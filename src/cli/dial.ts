import { formatHostPort, type HostPort } from '../lib/address.ts';

/** True for `0.0.0.0` and `::`: every address of a machine, to listen on; none to connect to. */
export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}

/** How this machine reaches what listens on `address`. */
export function fromHere({ host, port }: HostPort): HostPort {
  if (!isUnspecified(host)) return { host, port };
  return { host: host.includes(':') ? '::1' : '127.0.0.1', port };
}

/** The URL of an HTTP server on this machine. */
export function urlFromHere(address: HostPort, tls: boolean): string {
  return `${tls ? 'https' : 'http'}://${formatHostPort(fromHere(address))}`;
}
