import type { Translator } from '../translator/translator.ts';
import type { HostContent } from '../translator/virtual-host.ts';
import { makeResource } from '../xds/resource.ts';
import type { Edit } from '../xds/store.ts';
import { ROUTES, type TypeUrl } from '../xds/types.ts';
import { SortedParts } from './sorted-parts.ts';
import type { Translations } from './translations.ts';

/** The routes of a listener, by host. Its name is the listener's. */
export interface RouteTable {
  readonly name: string;
  set(host: string, content: HostContent): void;
  delete(host: string): void;
  /** What has changed since the last call; at the first one, everything. */
  edits(): Edit[];
  /** The resources that hold a host's routes. */
  holding(host: string): { type: TypeUrl; name: string }[];
  /** What has to go with the table. */
  leave(): Edit[];
}

/** All of them in one resource. */
export class WholeTable implements RouteTable {
  readonly name: string;
  readonly #translator: Translator;
  readonly #translations: Translations;
  readonly #virtualHosts = new SortedParts();
  #published = -1;

  constructor(name: string, translator: Translator, translations: Translations) {
    this.name = name;
    this.#translator = translator;
    this.#translations = translations;
  }

  set(host: string, content: HostContent): void {
    this.#virtualHosts.set(host, this.#translations.virtualHost(host, content));
  }

  delete(host: string): void {
    this.#virtualHosts.delete(host);
  }

  edits(): Edit[] {
    if (this.#virtualHosts.changes === this.#published) return [];
    this.#published = this.#virtualHosts.changes;
    const routes = this.#translator.routes(this.name, this.#virtualHosts.values());
    return [{ type: ROUTES, name: this.name, resource: makeResource(ROUTES, this.name, routes) }];
  }

  holding(): { type: TypeUrl; name: string }[] {
    return [{ type: ROUTES, name: this.name }];
  }

  leave(): Edit[] {
    return [{ type: ROUTES, name: this.name, resource: null }];
  }
}
