import { addressOf } from '../model/endpoint.ts';
import { isService, type Kind, keyOf, kindOf, type Stored } from '../model/kinds.ts';
import { resourceNameOf } from '../model/raw.ts';
import type { Route } from '../model/route.ts';
import type { StoredService } from '../model/service.ts';
import type { Flavour } from '../translator/config-source.ts';
import type { Translator } from '../translator/translator.ts';
import type { HostContent } from '../translator/virtual-host.ts';
import type { Attachment } from '../xds/attachment.ts';
import type { Answer } from '../xds/frame.ts';
import type { Client } from '../xds/server.ts';
import { CLUSTER, ROUTES, type TypeUrl } from '../xds/types.ts';
import type { Desired } from './desired.ts';

/** What the tests of this room have in common. */

export const ABOUT = { revision: 1, createdAt: '', updatedAt: '', updatedBy: '' };

export function service(id: string, endpoints: string[] = ['10.0.0.1:80'], groups?: string[]): StoredService {
  return { id, host: `${id}.example.com`, endpoints, ...(groups === undefined ? {} : { groups }), ...ABOUT };
}

/** @param more what it says besides */
export function route(name: string, hosts: string[], services: string[], more: Partial<Route> = {}): Stored<Route> {
  return { kind: 'Route', name, hosts, to: services.map((id) => ({ service: id })), ...more, ...ABOUT };
}

/** A desired state to write to; each write is a revision. */
export class TestDesired implements Desired {
  revision = 0;
  readonly #objects = new Map<string, Stored>();

  constructor(...objects: Stored[]) {
    for (const each of objects) this.put(each);
  }

  get(id: string): StoredService | undefined {
    const found = this.#objects.get(id);
    return found !== undefined && isService(found) ? found : undefined;
  }

  list(): Iterable<StoredService> {
    return [...this.#objects.values()].filter(isService);
  }

  object(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  objects(kind?: Kind): Iterable<Stored> {
    return [...this.#objects.values()].filter((object) => kind === undefined || kindOf(object) === kind);
  }

  put(added: Stored): number {
    this.#objects.set(keyOf(added), added);
    return ++this.revision;
  }

  delete(key: string): number {
    this.#objects.delete(key);
    return ++this.revision;
  }
}

/** Translates into text that can be read back: a virtual host names its cluster. Names have cluster and endpoints, addresses alone endpoints. */
export const testTranslator: Translator & { readonly made: string[] } = {
  made: [],
  service({ id, endpoints: said }, flavour: Flavour) {
    this.made.push(id);
    const endpoints = said.map(addressOf);
    const discovered = flavour === 'ads' && endpoints.every((endpoint) => /^[0-9]/.test(endpoint));
    return {
      cluster: Buffer.from(discovered ? `${id} by discovery` : `${id} at ${endpoints.join()}`),
      endpoints: discovered ? Buffer.from(`${id} at ${endpoints.join()}`) : undefined,
    };
  },
  listener: ({ address }, certificates, flavour) =>
    Buffer.from([address, ...certificates.map(({ name, hosts }) => [name, ...hosts].join()), flavour].join(' ')),
  secret: ({ cert }) => Buffer.from(`secret ${cert}`),
  raw: ({ type, name, resource }) => ({ type, name: resourceNameOf({ type, name, resource }), bytes: Buffer.from(JSON.stringify(resource)) }),
  virtualHost: hostText,
  routes: (_, virtualHosts) => Buffer.concat([...virtualHosts]),
  grpcService({ id, endpoints: said }) {
    this.made.push(id);
    const endpoints = said.map(addressOf);
    const parts = endpoints.length === 1 ? [] : endpoints.map((endpoint) => ({ name: `${id}/${endpoint}`, cluster: Buffer.from(endpoint) }));
    return {
      clusters: [{ name: id, cluster: Buffer.from(`${id} for grpc`) }, ...parts],
      endpoints: Buffer.from(`${id} at ${endpoints.join()}`),
      routes: Buffer.from(`-> ${id}`),
    };
  },
  grpcListener: (name, { id }, since) => Buffer.from(`${name} -> ${id} since ${since}`),
  onDemandRoutes: (_, source) => Buffer.from(`hosts on demand over ${source}`),
  onDemandVirtualHost: (_, host, content) => hostText(host, content),
};

/** `web.example.com -> route > service, fallback;` */
function hostText(host: string, { routes, fallback, resolve }: HostContent): Buffer {
  const led = routes.flatMap(({ to = [] }) => to.map(({ service: id }) => resolve(id)?.id ?? 'nowhere'));
  return Buffer.from(`${host} -> ${[...led, ...(fallback === undefined ? [] : [fallback.id])].join(',')};`);
}

export function client(
  id: string,
  { cluster = '', aggregated = true, userAgent = 'envoy' }: { cluster?: string; aggregated?: boolean; userAgent?: string } = {},
): Client {
  return {
    node: { id, cluster, userAgent, version: '1.40.0' },
    variant: 'delta',
    onlyType: aggregated ? undefined : CLUSTER,
    address: '127.0.0.1:1',
    restart: () => undefined,
  };
}

/** An answer as a stream would report it, covering the publications after `from`. */
export function answer(type: TypeUrl = ROUTES, from = 0, seq = from + 1): Answer {
  return { type, version: `v${seq}`, nonce: 'n', from, seq, names: ['http'] };
}

/** The text of a resource, without the Any around it. */
export function text({ store }: Pick<Attachment, 'store'>, type: TypeUrl, name: string): string | undefined {
  const any = store.get(type, name)?.any;
  // Any: field 1 the type's URL, then field 2 with a length of one or two bytes.
  const start = any === undefined ? 0 : 2 + type.length + ((any[3 + type.length] ?? 0) < 128 ? 2 : 3);
  return any?.subarray(start).toString();
}
