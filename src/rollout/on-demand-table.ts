import type { StoredService } from '../model/service.ts';
import type { Flavour } from '../translator/config-source.ts';
import { HTTP, virtualHostName } from '../translator/names.ts';
import type { Translator } from '../translator/translator.ts';
import { makeResource } from '../xds/resource.ts';
import type { Edit } from '../xds/store.ts';
import { ROUTES, type TypeUrl, VIRTUAL_HOST } from '../xds/types.ts';
import type { RouteTable } from './route-table.ts';

/** A resource for each host, for Envoys that ask for a host when a request for it comes. */
export class OnDemandTable implements RouteTable {
  readonly #translator: Translator;
  readonly #source: Flavour;
  /** Names of virtual hosts by the id of their service. */
  readonly #names = new Map<string, string>();
  #begun = false;
  readonly #gone = new Set<string>();
  #set: Edit[] = [];

  /** @param source the stream on which Envoys ask for hosts */
  constructor(translator: Translator, source: Flavour) {
    this.#translator = translator;
    this.#source = source;
  }

  set(service: StoredService): void {
    const name = virtualHostName(service.host);
    const before = this.#names.get(service.id);
    if (before !== undefined && before !== name) this.#gone.add(before);
    this.#names.set(service.id, name);
    this.#set.push({ type: VIRTUAL_HOST, name, resource: makeResource(VIRTUAL_HOST, name, this.#translator.onDemandVirtualHost(service)) });
  }

  delete(id: string): void {
    const name = this.#names.get(id);
    if (name === undefined) return;
    this.#names.delete(id);
    this.#gone.add(name);
  }

  edits(): Edit[] {
    // A host may have passed from one service to another: what is gone comes first, whatever the order of the changes.
    const edits: Edit[] = [...this.#gone].map((name) => ({ type: VIRTUAL_HOST, name, resource: null }));
    edits.push(...this.#set);
    if (!this.#begun) edits.push({ type: ROUTES, name: HTTP, resource: makeResource(ROUTES, HTTP, this.#translator.onDemandRoutes(this.#source)) });
    this.#begun = true;
    this.#gone.clear();
    this.#set = [];
    return edits;
  }

  holding(id: string): { type: TypeUrl; name: string }[] {
    const name = this.#names.get(id);
    return name === undefined ? [] : [{ type: VIRTUAL_HOST, name }];
  }
}
