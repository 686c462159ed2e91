import { formatHostPort, type HostPort, parseHostPort } from '../lib/address.ts';
import type { Listener } from '../model/listener.ts';
import type { JsonObject } from '../proto/json.ts';
import type { Flavour } from './config-source.ts';
import { connectionManager } from './connection-manager.ts';
import { downstreamTls, TLS_INSPECTOR } from './downstream-tls.ts';
import { HTTP } from './names.ts';

/** What a listener has to know of a certificate: nothing that a new one under the same name would change. */
export interface CertificateNames {
  readonly name: string;
  /** The names that clients may ask for to be shown it, lower case; `*.example.com` for every one under it. */
  readonly hosts: readonly string[];
}

/** The listener that a group has by `--listener`. */
export function httpListener(address: HostPort, flavour: Flavour, onDemand = false): JsonObject {
  return listener({ kind: 'Listener', name: HTTP, address: formatHostPort(address), protocol: 'http' }, [], flavour, onDemand);
}

/**
 * config.listener.v3.Listener. Its route table bears its name.
 * @param certificates those that the listener names, in its order, at least one for https. The first serves clients that ask for
 *   no name of any. Where two have a name in common, it is the first one's.
 * @param onDemand requests wait for what Envoy has to ask for first
 */
export function listener(listener: Listener, certificates: readonly CertificateNames[], flavour: Flavour, onDemand: boolean): JsonObject {
  const { host, port } = parseHostPort(listener.address, 0);
  return {
    name: listener.name,
    address: { socketAddress: { address: host, portValue: port } },
    ...(listener.protocol === 'https'
      ? secured(listener, certificates, flavour, onDemand)
      : { filterChains: [{ filters: [manager(listener, flavour, onDemand)] }] }),
  };
}

function manager({ name, redirectToHttps = false }: Listener, flavour: Flavour, onDemand: boolean): JsonObject {
  if (redirectToHttps === false) return connectionManager(name, { table: name, flavour, onDemand });
  return connectionManager(name, { redirectTo: redirectToHttps === true ? undefined : redirectToHttps });
}

/**
 * A filter chain for each certificate, rather than one with all: one that is not there yet keeps only its own names waiting.
 * The inspector is there from the first certificate on, so that a second one changes filter chains alone, which Envoy
 * takes without draining the others (listener_manager, "filter chain only update").
 */
function secured(listener: Listener, certificates: readonly CertificateNames[], flavour: Flavour, onDemand: boolean): JsonObject {
  const [first] = certificates;
  if (first === undefined) throw new Error(`the listener "${listener.name}" has no certificate`);
  const filters = [manager(listener, flavour, onDemand)];
  const chain = (certificate: string): JsonObject => ({ filters, transportSocket: downstreamTls(certificate, listener.minTls ?? '1.2', flavour) });
  const byName = ownNames(certificates).map(({ name, hosts }) => ({ name, filterChainMatch: { serverNames: hosts }, ...chain(name) }));
  // Names of the first one's own are said only where others would be taken for them: under a wildcard, say.
  const chains = certificates.length === 1 ? [] : byName;
  return { listenerFilters: [TLS_INSPECTOR], filterChains: chains, defaultFilterChain: chain(first.name) };
}

/** Each name once, sorted, so that their order in a certificate says nothing; certificates without one of their own left out. */
function ownNames(certificates: readonly CertificateNames[]): CertificateNames[] {
  const taken = new Set<string>();
  return certificates.flatMap(({ name, hosts }) => {
    const own = [...new Set(hosts)].filter((host) => !taken.has(host)).toSorted();
    for (const host of own) taken.add(host);
    return own.length === 0 ? [] : [{ name, hosts: own }];
  });
}
