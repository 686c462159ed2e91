import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
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

/**
 * What a client on this machine trusts in a server of ours that it dials as `host`: the certificate itself, under a name
 * that it has. A certificate is for the name that others know, which need not lead here.
 */
export function trustIn(certFile: string, host: string): { caFile: string; serverName?: string } {
  const certificate = new X509Certificate(readFileSync(certFile));
  const covered = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  const name = covered === undefined ? /DNS:([^,\s]+)/.exec(certificate.subjectAltName ?? '')?.[1] : undefined;
  return { caFile: certFile, ...(name === undefined ? {} : { serverName: name.replace(/^\*\./, 'envoyage.') }) };
}
