import type { HostPort } from '../lib/address.ts';
import type { Certificate } from '../model/certificate.ts';
import { isService, type Kind, keyOf, kindOf, type Stored } from '../model/kinds.ts';
import { DEFAULT_GROUP } from '../model/placement.ts';
import type { StoredService } from '../model/service.ts';
import type { Translator } from '../translator/translator.ts';
import type { Store } from '../xds/store.ts';
import type { Desired } from './desired.ts';
import { type Materials, ownMaterial } from './materials.ts';
import { Translations } from './translations.ts';
import { View } from './view.ts';

export interface PreviewOptions {
  readonly desired: Desired;
  readonly translator: Translator;
  /** What Envoys listen on, by group; `default` for groups that are not named. */
  readonly listeners: Readonly<Record<string, HostPort>>;
  readonly materials?: Materials | undefined;
}

/** What Envoys would be sent, without any that is: nobody is connected to what is made here, and nothing of it is kept. */
export class Preview {
  readonly #options: PreviewOptions;
  readonly #translations: Translations;

  constructor(options: PreviewOptions) {
    this.#options = options;
    const { materials = ownMaterial } = options;
    // What a certificate is only tried with is known to nobody else.
    const own = (certificate: Certificate): boolean => certificate.key?.startsWith('-----BEGIN') === true;
    this.#translations = new Translations(options.translator, (certificate) => (own(certificate) ? ownMaterial : materials)(certificate));
  }

  /**
   * Everything that an Envoy of the group gets, over ADS and all at once.
   * @param changes what is not as it is in the desired state, by key; null for what is gone
   * @throws Error where such an Envoy would have nothing to listen on
   */
  store(group: string, changes?: ReadonlyMap<string, Stored | null>): Store {
    const { desired, translator, listeners } = this.#options;
    const listener = listeners[group] ?? listeners[DEFAULT_GROUP];
    if (listener === undefined) throw new Error(`there is no listener for group ${group}, and none for ${DEFAULT_GROUP}`);
    const view = new View(group, 'ads', this.#translations, translator);
    view.fill(changes === undefined ? desired : new Overlay(desired, changes), listener);
    return view.store;
  }

  /** The groups that anything says something about. */
  groups(changes?: ReadonlyMap<string, Stored | null>): string[] {
    const { desired, listeners } = this.#options;
    const named = [...(changes === undefined ? desired : new Overlay(desired, changes)).objects()].flatMap(({ groups = [] }) => groups);
    return [...new Set([DEFAULT_GROUP, ...Object.keys(listeners), ...named])].toSorted();
  }
}

/** A desired state with some of it otherwise. */
class Overlay implements Desired {
  readonly #below: Desired;
  readonly #changes: ReadonlyMap<string, Stored | null>;

  constructor(below: Desired, changes: ReadonlyMap<string, Stored | null>) {
    this.#below = below;
    this.#changes = changes;
  }

  get revision(): number {
    return this.#below.revision;
  }

  get(id: string): StoredService | undefined {
    const found = this.object(id);
    return found !== undefined && isService(found) ? found : undefined;
  }

  *list(): Iterable<StoredService> {
    for (const each of this.objects('Service')) if (isService(each)) yield each;
  }

  object(key: string): Stored | undefined {
    const changed = this.#changes.get(key);
    return changed === undefined ? this.#below.object(key) : (changed ?? undefined);
  }

  *objects(kind?: Kind): Iterable<Stored> {
    for (const each of this.#below.objects(kind)) if (!this.#changes.has(keyOf(each))) yield each;
    for (const each of this.#changes.values()) if (each !== null && (kind === undefined || kindOf(each) === kind)) yield each;
  }
}
