import type { EnvoyVerdict } from '../api/types.ts';
import { staticBootstrap } from '../envoy/static-resources.ts';
import type { EnvoyValidator } from '../envoy/validate.ts';
import type { Verdict } from '../envoy/verdict.ts';
import type { Stored } from '../model/kinds.ts';
import type { Change } from '../model/revision.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import type { JsonObject } from '../proto/json.ts';
import { resourcesIn } from '../rollout/content.ts';
import type { Preview } from '../rollout/preview.ts';
import type { Store } from '../xds/store.ts';

/** What the registry adds, of what is not in it. */
const TRIED = { revision: 0, createdAt: '', updatedAt: '', updatedBy: '' };

/** Groups beyond these are not asked about: each may take a second. */
const MOST_GROUPS = 20;

/** Has a real Envoy judge what groups would be sent, off the way to the Envoys. */
export class EnvoyCheck {
  readonly #preview: Preview;
  readonly #api: EnvoyApi;
  readonly #validator: EnvoyValidator;
  readonly always: boolean;

  /** @param always whether every write asks */
  constructor(preview: Preview, api: EnvoyApi, validator: EnvoyValidator, always: boolean) {
    this.always = always;
    this.#preview = preview;
    this.#api = api;
    this.#validator = validator;
  }

  /**
   * What each group that the changes concern would make of them. What a group has been refusing all along is not laid at their
   * door: nobody knows then.
   */
  async changes(changes: readonly Change[]): Promise<EnvoyVerdict[]> {
    const wanted = new Map(changes.map(({ id, after }): [string, Stored | null] => [id, after === null ? null : { ...after, ...TRIED }]));
    const concerned = (group: string): boolean => changes.some(({ before, after }) => serves(before, group) || serves(after, group));
    const groups = this.#preview.groups(wanted).filter(concerned).slice(0, MOST_GROUPS);
    return Promise.all(groups.map((group) => this.#change(group, wanted)));
  }

  /** What an Envoy makes of a store's content. @param lane see `EnvoyValidator.validate` */
  async store(store: Store, lane?: string): Promise<Verdict> {
    return this.#validator.validate(this.#bootstrap(store), lane);
  }

  async #change(group: string, wanted: ReadonlyMap<string, Stored | null>): Promise<EnvoyVerdict> {
    const bootstrap = this.#bootstrap(this.#preview.store(group, wanted));
    const verdict = await this.#validator.validate(bootstrap);
    if (verdict.outcome !== 'rejected') return { group, ...verdict };
    const { resource, ...rest } = verdict;
    const earlier = await this.#validator.validate(this.#bootstrap(this.#preview.store(group)));
    if (earlier.outcome === 'rejected' && earlier.message === verdict.message)
      return { group, outcome: 'unknown', reason: `what the group has is refused already: ${verdict.message}` };
    const name = resource === undefined ? undefined : nameIn(bootstrap, resource);
    return { group, ...rest, ...(name === undefined ? {} : { resource: name }) };
  }

  #bootstrap(store: Store): JsonObject {
    const all = resourcesIn([store]).map(({ type, name, any }) => {
      const { '@type': _, ...resource } = this.#api.decode('google.protobuf.Any', any);
      return { type, name, resource };
    });
    return staticBootstrap(Map.groupBy(all, ({ type }) => type));
  }
}

function serves(object: Change['after'], group: string): boolean {
  return object !== null && (object.groups?.includes(group) ?? true);
}

function nameIn({ staticResources }: JsonObject, { list, index }: { list: 'clusters' | 'listeners'; index: number }): string | undefined {
  const found = ((staticResources as JsonObject)[list] as readonly JsonObject[])[index];
  return found === undefined ? undefined : String(found['name']);
}
