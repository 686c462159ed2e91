import { type StoredService, servedBy } from '../model/service.ts';
import type { GrpcService, Translator } from '../translator/translator.ts';
import { FrameCache } from '../xds/frame.ts';
import { makeResource, type Resource } from '../xds/resource.ts';
import { type Edit, Store } from '../xds/store.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, type TypeUrl } from '../xds/types.ts';
import { AskedNames } from './asked-names.ts';
import type { Desired } from './desired.ts';
import type { GroupView } from './group-view.ts';
import { hostOfListener, serviceOfCluster, wildcardsOf } from './grpc-names.ts';

/** As many names of one type are served to the gRPC clients of a group. */
const MOST_ASKED = 10_000;

/**
 * A type that nobody asks for. Its one resource is replaced with every change of a service, so that each is a publication
 * whether or not something of it has been asked for: all know how far they are, and what is remembered of one publication
 * (`FrameCache`, sums of names) never holds for two states of a service.
 */
const REVISION: TypeUrl = 'envoyage.Revision';

/** Remembers by identity what was made of a service, so that groups share it. */
export type GrpcTranslations = WeakMap<StoredService, GrpcService>;

/**
 * What the gRPC clients of one group are to hold. They ask for everything by name, and for little: a resource is made when
 * the first of them asks for it, follows its service, and is let go with the last who asks. Of a service that is removed
 * only the listeners are taken away. A client that has lost its listener lets go of the rest, as soon as the calls that use
 * it have ended; and grpc-js would not take back a cluster that it was told is gone (1.14.1, `resourcesEqual`). So every
 * cluster that is asked for is there, without endpoints where it has no service.
 */
export class GrpcView implements GroupView {
  readonly group: string;
  readonly kind = 'grpc';
  readonly store = new Store();
  readonly frames = new FrameCache(this.store);
  /** A gRPC client says the version that it took last, by type, though it may have closed the channel that it was for. */
  readonly forgetful = true;
  readonly #translator: Translator;
  readonly #translations: GrpcTranslations;
  readonly #services = new Map<string, StoredService>();
  readonly #byHost = new Map<string, StoredService>();
  readonly #listeners = new AskedNames(hostOfListener, MOST_ASKED);
  readonly #asked: ReadonlyMap<TypeUrl, AskedNames> = new Map([
    [LISTENER, this.#listeners],
    [CLUSTER, new AskedNames(serviceOfCluster, MOST_ASKED)],
    [ENDPOINTS, new AskedNames((name) => name, MOST_ASKED)],
    [ROUTES, new AskedNames((name) => name, MOST_ASKED)],
  ]);

  constructor(group: string, translations: GrpcTranslations, translator: Translator) {
    this.group = group;
    this.#translations = translations;
    this.#translator = translator;
  }

  /** The first content: nothing is made yet. */
  fill(desired: Desired): void {
    for (const service of desired.list()) if (servedBy(service, this.group)) this.#hold(service);
  }

  /** Nobody asked for a name that is new, so nobody has to be told: it is as if it had always been there. */
  asked(type: TypeUrl, asker: object, names: Iterable<string>): void {
    const { added, dropped } = this.#asked.get(type)?.replace(asker, names) ?? { added: [], dropped: [] };
    for (const name of dropped) this.store.withdraw(type, name);
    for (const name of added) {
      const resource = this.#make(type, name);
      if (resource !== undefined) this.store.admit(resource);
    }
  }

  follow(desired: Desired, ids: Iterable<string>, again: Iterable<string> = []): number {
    const hosts = new Set<string>();
    const touched: string[] = [];
    const now: StoredService[] = [];
    for (const id of ids) {
      const before = this.#services.get(id);
      const wanted = desired.get(id);
      const after = wanted !== undefined && servedBy(wanted, this.group) ? wanted : undefined;
      if (before === undefined && after === undefined) continue;
      touched.push(id);
      if (before?.host !== after?.host || before?.createdAt !== after?.createdAt)
        for (const each of [before, after]) if (each?.host !== undefined) hosts.add(each.host);
      if (before !== undefined) this.#letGo(before);
      if (after !== undefined) now.push(after);
    }
    // Two services may have changed hosts with each other.
    for (const service of now) this.#hold(service);
    const edits: Edit[] = [];
    if (touched.length > 0) edits.push({ type: REVISION, name: '', resource: makeResource(REVISION, '', Buffer.from(String(desired.revision))) });
    for (const id of touched) {
      for (const [type, name] of this.#services.has(id) ? this.#namesOf(id) : []) {
        const resource = this.#make(type, name);
        if (resource !== undefined) edits.push({ type, name, resource });
      }
    }
    for (const name of this.#listenersOf(hosts)) edits.push({ type: LISTENER, name, resource: this.#make(LISTENER, name) ?? null });
    return this.store.publish(
      edits,
      [...again].flatMap((id) => this.#repeat(id)),
    );
  }

  #hold(service: StoredService): void {
    this.#services.set(service.id, service);
    if (service.host !== undefined) this.#byHost.set(service.host, service);
  }

  #letGo(service: StoredService): void {
    this.#services.delete(service.id);
    if (service.host !== undefined) this.#byHost.delete(service.host);
  }

  *#namesOf(id: string): Iterable<[TypeUrl, string]> {
    for (const type of [CLUSTER, ENDPOINTS, ROUTES]) for (const name of this.#asked.get(type)?.of(id) ?? []) yield [type, name];
  }

  /** The listeners asked for that lead to one of the hosts, or did. */
  *#listenersOf(hosts: ReadonlySet<string>): Iterable<string> {
    const listeners = this.#listeners;
    for (const host of hosts) yield* listeners.of(host);
    const suffixes = [...hosts].filter((host) => host.startsWith('*')).map((host) => host.slice(1));
    if (suffixes.length > 0) for (const host of listeners.keys()) if (suffixes.some((suffix) => host.endsWith(suffix))) yield* listeners.of(host);
  }

  #repeat(id: string): { type: TypeUrl; name: string }[] {
    const host = this.#services.get(id)?.host;
    const listeners = host === undefined ? [] : [...this.#listenersOf(new Set([host]))];
    return [...this.#namesOf(id), ...listeners.map((name) => [LISTENER, name] as const)].map(([type, name]) => ({ type, name }));
  }

  #make(type: TypeUrl, name: string): Resource | undefined {
    const made = type === LISTENER ? this.#listener(name) : this.#part(type, name);
    return made === undefined ? undefined : makeResource(type, name, made);
  }

  #part(type: TypeUrl, name: string): Buffer | undefined {
    const service = this.#services.get(type === CLUSTER ? serviceOfCluster(name) : name);
    if (type === CLUSTER) {
      const { clusters } = service === undefined ? this.#translator.grpcService({ id: name, host: '', endpoints: [] }) : this.#translated(service);
      return clusters.find((each) => each.name === name)?.cluster;
    }
    if (service === undefined) return undefined;
    const { endpoints, routes } = this.#translated(service);
    return type === ENDPOINTS ? endpoints : routes;
  }

  #listener(name: string): Buffer | undefined {
    const service = this.#leadsTo(name);
    return service === undefined ? undefined : this.#translator.grpcListener(name, service, service.createdAt);
  }

  /** As an Envoy finds it: the host itself, else the closest wildcard. */
  #leadsTo(listener: string): StoredService | undefined {
    const host = hostOfListener(listener);
    if (host === undefined) return undefined;
    for (const each of [host, ...wildcardsOf(host)]) {
      const found = this.#byHost.get(each);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #translated(service: StoredService): GrpcService {
    const known = this.#translations.get(service);
    if (known !== undefined) return known;
    const made = this.#translator.grpcService(service);
    this.#translations.set(service, made);
    return made;
  }
}
