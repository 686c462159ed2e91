import { formatHostPort, type HostPort } from '../lib/address.ts';
import type { Certificate } from '../model/certificate.ts';
import { declaredKey, isDeclared, isService, keyOf, type Stored } from '../model/kinds.ts';
import type { Listener } from '../model/listener.ts';
import { type Raw, resourceNameOf } from '../model/raw.ts';
import { type StoredService, sameRouting, servedBy } from '../model/service.ts';
import type { Flavour } from '../translator/config-source.ts';
import { hostAliases } from '../translator/host-aliases.ts';
import type { CertificateNames } from '../translator/listener.ts';
import { HTTP, secretName, serviceName } from '../translator/names.ts';
import type { Translator } from '../translator/translator.ts';
import { FrameCache } from '../xds/frame.ts';
import { makeResource } from '../xds/resource.ts';
import { type Edit, Store, type StoreOptions } from '../xds/store.ts';
import { CLUSTER, ENDPOINTS, LISTENER, SECRET, type TypeUrl, VIRTUAL_HOST } from '../xds/types.ts';
import type { Desired } from './desired.ts';
import type { GroupView } from './group-view.ts';
import { Hosts } from './hosts.ts';
import { isElsewhere } from './materials.ts';
import { OnDemandTable } from './on-demand-table.ts';
import { type RouteTable, WholeTable } from './route-table.ts';
import type { Translations } from './translations.ts';

/** Envoy asks for virtual hosts by their hosts, and for the clusters that these lead to by name. */
const ON_DEMAND: StoreOptions = { byName: new Set([CLUSTER]), aliases: new Map([[VIRTUAL_HOST, hostAliases]]) };

const NOTHING = { cluster: null, endpoints: null };

/** What has to be made anew, once all that changed is known. */
interface Dirty {
  readonly hosts: Set<string>;
  /** Names of listeners. */
  readonly listeners: Set<string>;
}

/**
 * What the Envoys of one group are to hold, by the way they ask for it.
 *
 * Everything that refers to something is made in the same step as what it refers to, a virtual host and its clusters, so that
 * no publication holds a route that leads nowhere.
 */
export class View implements GroupView {
  readonly group: string;
  readonly kind: Flavour;
  readonly store: Store;
  readonly frames: FrameCache;
  readonly #translations: Translations;
  readonly #translator: Translator;
  readonly #onDemand: Flavour | undefined;
  /** What it holds now, by key. */
  readonly #held = new Map<string, Stored>();
  readonly #hosts = new Hosts();
  /** Those of listeners that serve routes, by name. */
  readonly #tables = new Map<string, RouteTable>();
  readonly #listeners = new Map<string, Listener>();
  #builtIn: Listener | undefined;

  /**
   * @param hosts the stream on which hosts are asked for one by one; without it everything is sent
   * @param ttl seconds after which an Envoy that hears nothing drops its listeners; 0 for never
   */
  constructor(group: string, flavour: Flavour, translations: Translations, translator: Translator, hosts?: Flavour, ttl = 0) {
    this.group = group;
    this.kind = flavour;
    this.#translations = translations;
    this.#translator = translator;
    this.#onDemand = hosts;
    this.store = new Store({
      ...(hosts === undefined ? {} : ON_DEMAND),
      ...(ttl === 0 ? {} : { ttl: { seconds: ttl, types: new Set([LISTENER]) } }),
    });
    this.frames = new FrameCache(this.store);
  }

  /** The first content. @param listener what it listens on unless a listener of that name is declared */
  fill(desired: Desired, listener: HostPort): void {
    this.#builtIn = { kind: 'Listener', name: HTTP, address: formatHostPort(listener), protocol: 'http' };
    const dirty: Dirty = { hosts: new Set(), listeners: new Set([HTTP]) };
    const edits: Edit[] = [];
    for (const object of desired.objects()) {
      if (!servedBy(object, this.group)) continue;
      this.#hold(object);
      for (const edit of this.#own(undefined, object, dirty)) edits.push(edit);
    }
    // A new table takes in all hosts by itself.
    dirty.hosts.clear();
    this.store.publish([...edits, ...this.#settle(dirty)]);
  }

  follow(desired: Desired, keys: Iterable<string>, again: Iterable<string> = []): number {
    const dirty: Dirty = { hosts: new Set(), listeners: new Set() };
    const changed: { readonly before: Stored | undefined; readonly after: Stored | undefined }[] = [];
    for (const key of keys) {
      const before = this.#held.get(key);
      const wanted = desired.object(key);
      const after = wanted !== undefined && servedBy(wanted, this.group) ? wanted : undefined;
      if (before === after && (after === undefined || !isElsewhere(after))) continue;
      changed.push({ before, after });
      this.#noteHosts(before, after, dirty);
      if (before !== undefined) this.#letGo(before);
    }
    // A host may pass from one to another: all that goes is gone before anything comes.
    for (const { after } of changed) if (after !== undefined) this.#hold(after);
    for (const { before, after } of changed) this.#noteHosts(after, before, dirty);
    const edits = changed.flatMap(({ before, after }) => this.#own(before, after, dirty));
    return this.store.publish(goneFirst([...edits, ...this.#settle(dirty)]), this.#repeat(again));
  }

  #hold(object: Stored): void {
    this.#held.set(keyOf(object), object);
    if (!isDeclared(object)) this.#hosts.addService(object);
    else if (object.kind === 'Route') this.#hosts.addRoute(object);
    else if (object.kind === 'Listener') this.#listeners.set(object.name, object);
  }

  #letGo(object: Stored): void {
    this.#held.delete(keyOf(object));
    if (isService(object)) this.#hosts.removeService(object);
    else if (object.kind === 'Route') this.#hosts.removeRoute(object);
    else if (object.kind === 'Listener') this.#listeners.delete(object.name);
  }

  /** The resources that bear an object's own name; what else it concerns is noted. */
  #own(before: Stored | undefined, after: Stored | undefined, dirty: Dirty): Edit[] {
    const edits: Edit[] = [];
    // Those of a kind: a key has its kind in it.
    const object = after ?? before;
    if (object === undefined) return edits;
    if (isService(object)) return this.#service(object, after !== undefined);
    switch (object.kind) {
      case 'Route':
        break;
      case 'Listener':
        dirty.listeners.add(object.name);
        break;
      case 'Certificate': {
        const name = secretName(object.name);
        edits.push({ type: SECRET, name, resource: (after === undefined ? undefined : this.#translations.secret(object)) ?? null });
        for (const listener of this.#listeners.values()) if (listener.certificates?.includes(object.name)) dirty.listeners.add(listener.name);
        break;
      }
      case 'Raw': {
        const gone = before as Stored<Raw> | undefined;
        if (gone !== undefined) edits.push({ type: gone.type, name: resourceNameOf(gone), resource: null });
        if (after === undefined) break;
        const { type, name, bytes } = this.#translator.raw(object);
        edits.push({ type, name, resource: makeResource(type, name, bytes) });
      }
    }
    return edits;
  }

  #service(service: StoredService, isHeld: boolean): Edit[] {
    const name = serviceName(service);
    const { cluster, endpoints } = isHeld ? this.#translations.of(service, this.kind) : NOTHING;
    return [
      { type: CLUSTER, name, resource: cluster },
      { type: ENDPOINTS, name, resource: endpoints ?? null },
    ];
  }

  /** The hosts of which an object is a part, unless the other one is the same part. */
  #noteHosts(object: Stored | undefined, other: Stored | undefined, dirty: Dirty): void {
    if (object === undefined) return;
    if (isService(object)) {
      if (other !== undefined && isService(other) && sameRouting(object, other)) return;
      for (const host of this.#hosts.leadingTo(object)) dirty.hosts.add(host);
    } else if (object.kind === 'Route') for (const host of object.hosts) dirty.hosts.add(host);
  }

  /** Makes what is dirty anew. */
  #settle({ hosts, listeners }: Dirty): Edit[] {
    const edits = [...listeners].flatMap((name) => this.#listener(name));
    for (const host of hosts) for (const table of this.#tables.values()) this.#fillHost(table, host);
    for (const table of this.#tables.values()) edits.push(...table.edits());
    return edits;
  }

  #listener(name: string): Edit[] {
    const listener = this.#listeners.get(name) ?? (name === HTTP ? this.#builtIn : undefined);
    const certificates = (listener?.certificates ?? []).flatMap((certificate) => this.#names(certificate) ?? []);
    const serves = listener !== undefined && (listener.protocol === 'http' || certificates.length > 0);
    const edits: Edit[] = [];
    if (!serves) edits.push({ type: LISTENER, name, resource: null });
    else {
      const bytes = this.#translator.listener(listener, certificates, this.kind, this.#onDemand !== undefined);
      edits.push({ type: LISTENER, name, resource: makeResource(LISTENER, name, bytes) });
    }
    const table = this.#tables.get(name);
    const redirects = listener?.redirectToHttps !== undefined && listener.redirectToHttps !== false;
    if (serves && !redirects) {
      if (table === undefined) this.#openTable(name);
    } else if (table !== undefined) {
      edits.push(...table.leave());
      this.#tables.delete(name);
    }
    return edits;
  }

  #openTable(name: string): void {
    const table =
      this.#onDemand === undefined ? new WholeTable(name, this.#translator, this.#translations) : new OnDemandTable(name, this.#translator, this.#onDemand);
    this.#tables.set(name, table);
    for (const host of this.#hosts) this.#fillHost(table, host);
  }

  #fillHost(table: RouteTable, host: string): void {
    const routes = this.#hosts.routesOf(host, table.name);
    const id = this.#hosts.serviceOf(host);
    const fallback = id === undefined ? undefined : this.#serviceOf(id);
    if (routes.length === 0 && fallback === undefined) table.delete(host);
    else table.set(host, { routes, fallback, resolve: (service) => this.#serviceOf(service) });
  }

  #serviceOf(id: string): StoredService | undefined {
    const object = this.#held.get(id);
    return object !== undefined && isService(object) ? object : undefined;
  }

  #names(certificate: string): CertificateNames | undefined {
    const held = this.#held.get(declaredKey('Certificate', certificate)) as Stored<Certificate> | undefined;
    return held === undefined ? undefined : this.#translations.names(held);
  }

  /** What is sent once more for the objects named, changed or not. */
  #repeat(again: Iterable<string>): { type: TypeUrl; name: string }[] {
    const repeat: { type: TypeUrl; name: string }[] = [];
    for (const key of again) {
      const service = this.#serviceOf(key);
      if (service === undefined) continue;
      const name = serviceName(service);
      repeat.push({ type: CLUSTER, name }, { type: ENDPOINTS, name });
      for (const host of this.#hosts.leadingTo(service)) for (const table of this.#tables.values()) repeat.push(...table.holding(host));
    }
    return repeat;
  }
}

/** A name may pass from one object to another, which must not lose it because the other lets it go. */
function goneFirst(edits: readonly Edit[]): Edit[] {
  return [...edits.filter(({ resource }) => resource === null), ...edits.filter(({ resource }) => resource !== null)];
}
