import type { StoredService } from '../model/service.ts';
import type { Flavour } from '../translator/config-source.ts';
import { serviceName } from '../translator/names.ts';
import type { Translator } from '../translator/translator.ts';
import { makeResource, type Resource } from '../xds/resource.ts';
import { CLUSTER, ENDPOINTS } from '../xds/types.ts';

/** What one service puts into a view. */
export interface ServiceResources {
  readonly cluster: Resource;
  readonly endpoints: Resource | undefined;
  readonly virtualHost: Buffer;
}

/** Remembers by identity what was made of a service, so that groups share it and nothing is made twice. */
export class Translations {
  readonly #translator: Translator;
  readonly #made: Record<Flavour, WeakMap<StoredService, ServiceResources>> = { ads: new WeakMap(), separate: new WeakMap() };

  constructor(translator: Translator) {
    this.#translator = translator;
  }

  of(service: StoredService, flavour: Flavour): ServiceResources {
    const known = this.#made[flavour].get(service);
    if (known !== undefined) return known;
    const name = serviceName(service);
    const { cluster, endpoints, virtualHost } = this.#translator.service(service, flavour);
    const byDiscovery = endpoints !== undefined && flavour === 'ads';
    const made: ServiceResources = {
      cluster: makeResource(CLUSTER, name, cluster, byDiscovery ? { type: ENDPOINTS, name } : undefined),
      endpoints: endpoints === undefined ? undefined : makeResource(ENDPOINTS, name, endpoints),
      virtualHost,
    };
    this.#made[flavour].set(service, made);
    return made;
  }
}
