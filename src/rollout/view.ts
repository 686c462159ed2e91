import type { HostPort } from '../lib/address.ts';
import { type StoredService, servedBy } from '../model/service.ts';
import type { Flavour } from '../translator/config-source.ts';
import { hostAliases } from '../translator/host-aliases.ts';
import { HTTP, serviceName } from '../translator/names.ts';
import type { Translator } from '../translator/translator.ts';
import { FrameCache } from '../xds/frame.ts';
import { makeResource } from '../xds/resource.ts';
import { type Edit, Store, type StoreOptions } from '../xds/store.ts';
import { CLUSTER, ENDPOINTS, LISTENER, type TypeUrl, VIRTUAL_HOST } from '../xds/types.ts';
import type { Desired } from './desired.ts';
import type { GroupView } from './group-view.ts';
import { OnDemandTable } from './on-demand-table.ts';
import { type RouteTable, WholeTable } from './route-table.ts';
import type { Translations } from './translations.ts';

/** Envoy asks for virtual hosts by their hosts, and for the clusters that these lead to by name. */
const ON_DEMAND: StoreOptions = { byName: new Set([CLUSTER]), aliases: new Map([[VIRTUAL_HOST, hostAliases]]) };

/** What the Envoys of one group are to hold, by the way they ask for it. */
export class View implements GroupView {
  readonly group: string;
  readonly kind: Flavour;
  readonly store: Store;
  readonly frames: FrameCache;
  readonly #translations: Translations;
  readonly #translator: Translator;
  readonly #table: RouteTable;
  readonly #onDemand: boolean;
  /** The services it holds now. */
  readonly #held = new Set<string>();

  /**
   * @param hosts the stream on which hosts are asked for one by one; without it everything is sent
   * @param ttl seconds after which an Envoy that hears nothing drops its listeners; 0 for never
   */
  constructor(group: string, flavour: Flavour, translations: Translations, translator: Translator, hosts?: Flavour, ttl = 0) {
    this.group = group;
    this.kind = flavour;
    this.#translations = translations;
    this.#translator = translator;
    this.#onDemand = hosts !== undefined;
    this.#table = hosts === undefined ? new WholeTable(translator) : new OnDemandTable(translator, hosts);
    this.store = new Store({
      ...(hosts === undefined ? {} : ON_DEMAND),
      ...(ttl === 0 ? {} : { ttl: { seconds: ttl, types: new Set([LISTENER]) } }),
    });
    this.frames = new FrameCache(this.store);
  }

  /** The first content. */
  fill(desired: Desired, listener: HostPort): void {
    const edits: Edit[] = [
      { type: LISTENER, name: HTTP, resource: makeResource(LISTENER, HTTP, this.#translator.listener(listener, this.kind, this.#onDemand)) },
    ];
    for (const service of desired.list()) if (servedBy(service, this.group)) edits.push(...this.#add(service));
    edits.push(...this.#table.edits());
    this.store.publish(edits);
  }

  /**
   * Everything that refers to something is made in the same step as what it refers to, a virtual host and its cluster, so
   * that no publication holds a route that leads nowhere.
   */
  follow(desired: Desired, ids: Iterable<string>, again: Iterable<string> = []): number {
    const edits: Edit[] = [];
    for (const id of ids) {
      const service = desired.get(id);
      if (service !== undefined && servedBy(service, this.group)) edits.push(...this.#add(service));
      else if (this.#held.has(id)) edits.push(...this.#remove(id));
    }
    edits.push(...this.#table.edits());
    const repeat: { type: TypeUrl; name: string }[] = [];
    for (const id of again) {
      const name = serviceName({ id });
      if (this.#held.has(id)) repeat.push({ type: CLUSTER, name }, { type: ENDPOINTS, name }, ...this.#table.holding(id));
    }
    return this.store.publish(edits, repeat);
  }

  #add(service: StoredService): Edit[] {
    const { cluster, endpoints, virtualHost } = this.#translations.of(service, this.kind);
    const name = serviceName(service);
    this.#held.add(service.id);
    this.#table.set(service, virtualHost);
    return [
      { type: CLUSTER, name, resource: cluster },
      { type: ENDPOINTS, name, resource: endpoints ?? null },
    ];
  }

  #remove(id: string): Edit[] {
    const name = serviceName({ id });
    this.#held.delete(id);
    this.#table.delete(id);
    return [
      { type: CLUSTER, name, resource: null },
      { type: ENDPOINTS, name, resource: null },
    ];
  }
}
