import type { StoredService } from '../model/service.ts';
import type { Flavour } from '../translator/config-source.ts';
import type { Translator } from '../translator/translator.ts';
import type { Answer } from '../xds/frame.ts';
import type { Client } from '../xds/server.ts';
import type { Attachment } from '../xds/stream.ts';
import { ROUTES, type TypeUrl } from '../xds/types.ts';
import type { Desired } from './desired.ts';

/** What the tests of this room have in common. */

export function service(id: string, endpoints: string[] = ['10.0.0.1:80'], groups?: string[]): StoredService {
  const about = { revision: 1, createdAt: '', updatedAt: '', updatedBy: '' };
  return { id, host: `${id}.example.com`, endpoints, ...(groups === undefined ? {} : { groups }), ...about };
}

/** A desired state to write to; each write is a revision. */
export class TestDesired implements Desired {
  revision = 0;
  readonly #services = new Map<string, StoredService>();

  constructor(...services: StoredService[]) {
    for (const each of services) this.put(each);
  }

  get(id: string): StoredService | undefined {
    return this.#services.get(id);
  }

  list(): Iterable<StoredService> {
    return this.#services.values();
  }

  put(added: StoredService): number {
    this.#services.set(added.id, added);
    return ++this.revision;
  }

  delete(id: string): number {
    this.#services.delete(id);
    return ++this.revision;
  }
}

/** Translates into text that can be read back: a virtual host names its cluster. Names have cluster and endpoints, addresses alone endpoints. */
export const testTranslator: Translator & { readonly made: string[] } = {
  made: [],
  service({ id, host, endpoints }, flavour: Flavour) {
    this.made.push(id);
    const discovered = flavour === 'ads' && endpoints.every((endpoint) => /^[0-9]/.test(endpoint));
    return {
      cluster: Buffer.from(discovered ? `${id} by discovery` : `${id} at ${endpoints.join()}`),
      endpoints: discovered ? Buffer.from(`${id} at ${endpoints.join()}`) : undefined,
      virtualHost: Buffer.from(`${host} -> ${id};`),
    };
  },
  listener: ({ host, port }, flavour) => Buffer.from(`${host}:${port} ${flavour}`),
  routes: (virtualHosts) => Buffer.concat([...virtualHosts]),
  grpcService({ id, endpoints }) {
    this.made.push(id);
    const parts = endpoints.length === 1 ? [] : endpoints.map((endpoint) => ({ name: `${id}/${endpoint}`, cluster: Buffer.from(endpoint) }));
    return {
      clusters: [{ name: id, cluster: Buffer.from(`${id} for grpc`) }, ...parts],
      endpoints: Buffer.from(`${id} at ${endpoints.join()}`),
      routes: Buffer.from(`-> ${id}`),
    };
  },
  grpcListener: (name, { id }, since) => Buffer.from(`${name} -> ${id} since ${since}`),
  onDemandRoutes: (source) => Buffer.from(`hosts on demand over ${source}`),
  onDemandVirtualHost: ({ host, id }) => Buffer.from(`${host} -> ${id};`),
};

export function client(
  id: string,
  { cluster = '', aggregated = true, userAgent = 'envoy' }: { cluster?: string; aggregated?: boolean; userAgent?: string } = {},
): Client {
  return {
    node: { id, cluster, userAgent, version: '1.40.0' },
    variant: 'delta',
    aggregated,
    onlyType: undefined,
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
