import { DEFAULT_GROUP } from '../model/placement.ts';
import type { Flavour } from '../translator/config-source.ts';
import type { Desired } from './desired.ts';
import type { FleetOptions } from './fleet-options.ts';
import type { GroupView } from './group-view.ts';
import { type GrpcTranslations, GrpcView } from './grpc-view.ts';
import { Publications } from './publications.ts';
import { Translations } from './translations.ts';
import { View } from './view.ts';
import type { Way } from './way.ts';

/** Makes views of the desired state. They share what was made of each service. */
export class ViewMaker {
  readonly #options: Pick<FleetOptions, 'translator' | 'materials' | 'listeners' | 'ttl'>;
  readonly #translations: Translations;
  readonly #grpcTranslations: GrpcTranslations = new WeakMap();

  constructor(options: Pick<FleetOptions, 'translator' | 'materials' | 'listeners' | 'ttl'>) {
    this.#options = options;
    this.#translations = new Translations(options.translator, options.materials);
  }

  /** Filled, as a publication that nobody has to answer. @throws Error where such Envoys have nothing to listen on */
  make(group: string, way: Way, desired: Desired): Publications {
    const publications = new Publications(way.kind === 'grpc' ? this.#grpcView(group, desired) : this.#envoyView(group, way.kind, way.hosts, desired));
    const now = performance.now();
    publications.add({ seq: publications.view.store.seq, after: -1, revision: desired.revision, acceptedAt: now, remaining: 0, completedAt: now });
    return publications;
  }

  #grpcView(group: string, desired: Desired): GroupView {
    const view = new GrpcView(group, this.#grpcTranslations, this.#options.translator);
    view.fill(desired);
    return view;
  }

  #envoyView(group: string, flavour: Flavour, hosts: Flavour | undefined, desired: Desired): GroupView {
    const { listeners, translator, ttl } = this.#options;
    const listener = listeners[group] ?? listeners[DEFAULT_GROUP];
    if (listener === undefined) throw new Error(`there is no listener for group ${group}, and none for ${DEFAULT_GROUP}`);
    const view = new View(group, flavour, this.#translations, translator, hosts, ttl);
    view.fill(desired, listener);
    return view;
  }
}
