import type { HostPort } from '../lib/address.ts';
import { type StoredService, servedBy } from '../model/service.ts';
import type { Flavour } from '../translator/config-source.ts';
import { HTTP, serviceName } from '../translator/names.ts';
import type { Translator } from '../translator/translator.ts';
import { FrameCache } from '../xds/frame.ts';
import { makeResource } from '../xds/resource.ts';
import { type Edit, Store } from '../xds/store.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, type TypeUrl } from '../xds/types.ts';
import type { Desired } from './desired.ts';
import type { GroupView } from './group-view.ts';
import { SortedParts } from './sorted-parts.ts';
import type { Translations } from './translations.ts';

/** What the Envoys of one group are to hold, by the way they ask for it. */
export class View implements GroupView {
  readonly group: string;
  readonly kind: Flavour;
  readonly store = new Store();
  readonly frames = new FrameCache(this.store);
  readonly #translations: Translations;
  readonly #translator: Translator;
  readonly #virtualHosts = new SortedParts();
  /** The services it holds now. */
  readonly #held = new Set<string>();

  constructor(group: string, flavour: Flavour, translations: Translations, translator: Translator) {
    this.group = group;
    this.kind = flavour;
    this.#translations = translations;
    this.#translator = translator;
  }

  /** The first content. */
  fill(desired: Desired, listener: HostPort): void {
    const edits: Edit[] = [{ type: LISTENER, name: HTTP, resource: makeResource(LISTENER, HTTP, this.#translator.listener(listener, this.kind)) }];
    for (const service of desired.list()) if (servedBy(service, this.group)) edits.push(...this.#add(service));
    edits.push(this.#routes());
    this.store.publish(edits);
  }

  /**
   * Everything that refers to something is made in the same step as what it refers to, a virtual host and its cluster, so
   * that no publication holds a route that leads nowhere.
   */
  follow(desired: Desired, ids: Iterable<string>, again: Iterable<string> = []): number {
    const edits: Edit[] = [];
    const before = this.#virtualHosts.changes;
    for (const id of ids) {
      const service = desired.get(id);
      if (service !== undefined && servedBy(service, this.group)) edits.push(...this.#add(service));
      else if (this.#held.has(id)) edits.push(...this.#remove(id));
    }
    if (this.#virtualHosts.changes !== before) edits.push(this.#routes());
    const repeat: { type: TypeUrl; name: string }[] = [];
    for (const id of again) {
      const name = serviceName({ id });
      if (this.#held.has(id)) repeat.push({ type: CLUSTER, name }, { type: ENDPOINTS, name }, { type: ROUTES, name: HTTP });
    }
    return this.store.publish(edits, repeat);
  }

  #add(service: StoredService): Edit[] {
    const { cluster, endpoints, virtualHost } = this.#translations.of(service, this.kind);
    const name = serviceName(service);
    this.#held.add(service.id);
    this.#virtualHosts.set(service.id, virtualHost);
    return [
      { type: CLUSTER, name, resource: cluster },
      { type: ENDPOINTS, name, resource: endpoints ?? null },
    ];
  }

  #remove(id: string): Edit[] {
    const name = serviceName({ id });
    this.#held.delete(id);
    this.#virtualHosts.delete(id);
    return [
      { type: CLUSTER, name, resource: null },
      { type: ENDPOINTS, name, resource: null },
    ];
  }

  #routes(): Edit {
    return { type: ROUTES, name: HTTP, resource: makeResource(ROUTES, HTTP, this.#translator.routes(this.#virtualHosts.values())) };
  }
}
