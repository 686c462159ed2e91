import type { StoredService } from '../model/service.ts';
import { HTTP } from '../translator/names.ts';
import type { Translator } from '../translator/translator.ts';
import { makeResource } from '../xds/resource.ts';
import type { Edit } from '../xds/store.ts';
import { ROUTES, type TypeUrl } from '../xds/types.ts';
import { SortedParts } from './sorted-parts.ts';

/** The routes of a view: which host leads to which service. */
export interface RouteTable {
  set(service: StoredService, virtualHost: Buffer): void;
  delete(id: string): void;
  /** What has changed since the last call; at the first one, everything. */
  edits(): Edit[];
  /** The resources that hold a service's routes. */
  holding(id: string): { type: TypeUrl; name: string }[];
}

/** All of them in one resource. */
export class WholeTable implements RouteTable {
  readonly #translator: Translator;
  readonly #virtualHosts = new SortedParts();
  #published = -1;

  constructor(translator: Translator) {
    this.#translator = translator;
  }

  set(service: StoredService, virtualHost: Buffer): void {
    this.#virtualHosts.set(service.id, virtualHost);
  }

  delete(id: string): void {
    this.#virtualHosts.delete(id);
  }

  edits(): Edit[] {
    if (this.#virtualHosts.changes === this.#published) return [];
    this.#published = this.#virtualHosts.changes;
    return [{ type: ROUTES, name: HTTP, resource: makeResource(ROUTES, HTTP, this.#translator.routes(this.#virtualHosts.values())) }];
  }

  holding(): { type: TypeUrl; name: string }[] {
    return [{ type: ROUTES, name: HTTP }];
  }
}
