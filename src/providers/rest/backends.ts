import { parseHost } from '../../model/host.ts';

/** An object in an answer, with where in the answer each part of it was said. */
export interface Item {
  readonly object: unknown;
  /** By a pointer into the object, a pointer into the answer. */
  place(pointer: string): string;
}

/**
 * `{"backends":[{"name","servers":[{"name","ip","port","weight"}]}]}` as services. Each is called by its backend's name; its host
 * is the template with that name, else the name itself where that is a host name, else it has none and routes lead to it.
 * What is wrong with a backend is left in its service, where the vocabulary finds it.
 */
export function itemsOfBackends(backends: readonly unknown[], template: string | undefined): Item[] {
  return backends.map((backend, index) => {
    const at = `/backends/${index}`;
    if (!isMap(backend)) return { object: backend, place: () => at };
    const { name, servers, weight: _, ...rest } = backend;
    const host = hostOf(name, template);
    const object = {
      kind: 'Service',
      name: typeof name === 'string' ? nameOf(name) : name,
      ...(host === undefined ? {} : { host }),
      endpoints: Array.isArray(servers) ? servers.map(endpointOf) : servers,
      ...labelsOf(rest),
    };
    return { object, place: (pointer) => at + pointer.replace(/^\/endpoints\b/, '/servers').replace(/^\/host\b/, '/name') };
  });
}

/** Names of other programs may have capitals and spaces. */
function nameOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._*-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
}

function hostOf(name: unknown, template: string | undefined): string | undefined {
  if (typeof name !== 'string') return undefined;
  if (template !== undefined) return template.replaceAll('{name}', nameOf(name));
  if (!name.includes('.')) return undefined;
  try {
    return parseHost(name);
  } catch {
    return undefined;
  }
}

/** `weight: 0` takes no new requests, as in HAProxy. */
function endpointOf(server: unknown): unknown {
  if (!isMap(server)) return server;
  const { ip, port, weight } = server;
  const address = typeof ip === 'string' ? `${ip.includes(':') && !ip.startsWith('[') ? `[${ip}]` : ip}${port === undefined ? '' : `:${String(port)}`}` : ip;
  if (weight === undefined || weight === 1) return address;
  return weight === 0 ? { address, state: 'draining' } : { address, weight };
}

function labelsOf({ labels, groups }: Readonly<Record<string, unknown>>): object {
  return { ...(labels === undefined ? {} : { labels }), ...(groups === undefined ? {} : { groups }) };
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
