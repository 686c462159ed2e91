import { ownCopy } from '../lib/bytes.ts';
import type { Certificate } from '../model/certificate.ts';
import type { Service, StoredService } from '../model/service.ts';
import type { Flavour } from '../translator/config-source.ts';
import type { CertificateNames } from '../translator/listener.ts';
import { secretName, serviceName } from '../translator/names.ts';
import type { Translator } from '../translator/translator.ts';
import type { HostContent } from '../translator/virtual-host.ts';
import { makeResource, type Resource } from '../xds/resource.ts';
import { CLUSTER, ENDPOINTS, SECRET } from '../xds/types.ts';
import { type Material, type Materials, ownMaterial } from './materials.ts';

/** What one service puts into a view. */
export interface ServiceResources {
  readonly cluster: Resource;
  readonly endpoints: Resource | undefined;
}

/** Remembers by identity what was made of a service, so that groups share it and nothing is made twice. */
export class Translations {
  readonly #translator: Translator;
  readonly #made: Record<Flavour, WeakMap<StoredService, ServiceResources>> = { ads: new WeakMap(), separate: new WeakMap() };
  readonly #alone = new WeakMap<Service, Buffer>();
  readonly #materials: Materials;
  readonly #secrets = new WeakMap<Material, Resource>();

  constructor(translator: Translator, materials: Materials = ownMaterial) {
    this.#translator = translator;
    this.#materials = materials;
  }

  of(service: StoredService, flavour: Flavour): ServiceResources {
    const known = this.#made[flavour].get(service);
    if (known !== undefined) return known;
    const name = serviceName(service);
    const { cluster, endpoints } = this.#translator.service(service, flavour);
    const byDiscovery = endpoints !== undefined && flavour === 'ads';
    const made: ServiceResources = {
      cluster: makeResource(CLUSTER, name, cluster, byDiscovery ? { type: ENDPOINTS, name } : undefined),
      endpoints: endpoints === undefined ? undefined : makeResource(ENDPOINTS, name, endpoints),
    };
    this.#made[flavour].set(service, made);
    return made;
  }

  /** Undefined where there is nothing to serve. */
  secret(certificate: Certificate): Resource | undefined {
    const material = this.#materials(certificate);
    if (material === undefined) return undefined;
    const known = this.#secrets.get(material);
    if (known !== undefined) return known;
    const name = secretName(certificate.name);
    const made = makeResource(SECRET, name, this.#translator.secret({ name: certificate.name, cert: material.cert, key: material.key }));
    this.#secrets.set(material, made);
    return made;
  }

  /** What a listener has to know of a certificate. */
  names(certificate: Certificate): CertificateNames {
    return { name: certificate.name, hosts: certificate.hosts ?? this.#materials(certificate)?.hosts ?? [] };
  }

  /** The virtual host of a host; that of a service alone is shared, too. */
  virtualHost(host: string, content: HostContent): Buffer {
    const { fallback, routes } = content;
    if (fallback === undefined || routes.length > 0) return ownCopy(this.#translator.virtualHost(host, content));
    const known = this.#alone.get(fallback);
    if (known !== undefined) return known;
    const made = ownCopy(this.#translator.virtualHost(host, content));
    this.#alone.set(fallback, made);
    return made;
  }
}
