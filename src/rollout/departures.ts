import type { Attachment } from '../xds/attachment.ts';
import { type Resource, sumVersion } from '../xds/resource.ts';
import type { Store } from '../xds/store.ts';
import { CLUSTER } from '../xds/types.ts';

interface Departure {
  readonly version: string;
  readonly clusters: ReadonlyMap<string, Resource>;
}

/** They come back within a second or so; who has not by the time that so many others left is switched like any that was away. */
const MOST = 64;

/**
 * What nodes held whose streams were ended to put them into another group. In the incremental variant they say so
 * themselves when they come back; in the state of the world they say a version alone, and the first list of clusters
 * without those of the old group would take them away under routes that still lead there.
 */
export class Departures {
  readonly #held = new Map<string, Departure>();

  note(node: string, store: Store): void {
    this.#held.delete(node);
    this.#held.set(node, { version: sumVersion(store.sum(CLUSTER)), clusters: new Map(store.resources(CLUSTER)) });
    const [oldest] = this.#held.keys();
    if (this.#held.size > MOST && oldest !== undefined) this.#held.delete(oldest);
  }

  /** Hands it out, and keeps it no longer. */
  take(node: string): Attachment['heldBefore'] {
    let held = this.#held.get(node);
    this.#held.delete(node);
    if (held === undefined) return undefined;
    return (type, version) => {
      if (type !== CLUSTER) return undefined;
      const clusters = held?.version === version ? held.clusters : undefined;
      held = undefined;
      return clusters;
    };
  }
}
