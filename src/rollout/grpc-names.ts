import { parseHost } from '../model/host.ts';

/**
 * The host that a gRPC client means by the name of a listener: the target of its channel, as in `xds:///web.example.com`,
 * with a port where the target has one. Undefined for what cannot be the host of a service.
 */
export function hostOfListener(name: string): string | undefined {
  const colon = name.lastIndexOf(':');
  // Colons of an IPv6 address without brackets are no port's.
  const hasPort = colon > 0 && /^:\d{1,5}$/.test(name.slice(colon)) && (name.indexOf(':') === colon || name[colon - 1] === ']');
  try {
    const host = parseHost(hasPort ? name.slice(0, colon) : name);
    return host.startsWith('*.') ? undefined : host;
  } catch {
    return undefined;
  }
}

/** The service of a cluster's name, and of that of a part of one (`partName` of the translator). */
export function serviceOfCluster(name: string): string {
  const slash = name.indexOf('/');
  return slash < 0 ? name : name.slice(0, slash);
}

/** The wildcard hosts that the host falls under, the closest first: `*.b.c`, `*.c` for `a.b.c`. */
export function* wildcardsOf(host: string): Iterable<string> {
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) yield `*${host.slice(dot)}`;
}
