import type { Flavour } from '../translator/config-source.ts';
import { virtualHostName } from '../translator/names.ts';
import type { Translator } from '../translator/translator.ts';
import type { HostContent } from '../translator/virtual-host.ts';
import { makeResource } from '../xds/resource.ts';
import type { Edit } from '../xds/store.ts';
import { ROUTES, type TypeUrl, VIRTUAL_HOST } from '../xds/types.ts';
import type { RouteTable } from './route-table.ts';

/** A resource for each host, for Envoys that ask for a host when a request for it comes. */
export class OnDemandTable implements RouteTable {
  readonly name: string;
  readonly #translator: Translator;
  readonly #source: Flavour;
  readonly #hosts = new Set<string>();
  #begun = false;
  #edits: Edit[] = [];

  /** @param source the stream on which Envoys ask for hosts */
  constructor(name: string, translator: Translator, source: Flavour) {
    this.name = name;
    this.#translator = translator;
    this.#source = source;
  }

  set(host: string, content: HostContent): void {
    const name = virtualHostName(this.name, host);
    this.#hosts.add(host);
    const resource = makeResource(VIRTUAL_HOST, name, this.#translator.onDemandVirtualHost(this.name, host, content));
    this.#edits.push({ type: VIRTUAL_HOST, name, resource });
  }

  delete(host: string): void {
    if (this.#hosts.delete(host)) this.#edits.push({ type: VIRTUAL_HOST, name: virtualHostName(this.name, host), resource: null });
  }

  edits(): Edit[] {
    const edits = this.#edits;
    const routes = (): Buffer => this.#translator.onDemandRoutes(this.name, this.#source);
    if (!this.#begun) edits.push({ type: ROUTES, name: this.name, resource: makeResource(ROUTES, this.name, routes()) });
    this.#begun = true;
    this.#edits = [];
    return edits;
  }

  holding(host: string): { type: TypeUrl; name: string }[] {
    return this.#hosts.has(host) ? [{ type: VIRTUAL_HOST, name: virtualHostName(this.name, host) }] : [];
  }

  leave(): Edit[] {
    const hosts = [...this.#hosts].map((host) => ({ type: VIRTUAL_HOST, name: virtualHostName(this.name, host), resource: null }));
    return [...hosts, { type: ROUTES, name: this.name, resource: null }];
  }
}
