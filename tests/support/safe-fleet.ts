import type { Stored } from '../../src/model/kinds.ts';
import { keyOf } from '../../src/model/kinds.ts';
import type { Quarantined } from '../../src/model/quarantined.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { Refused, Safety } from '../../src/rollout/channel-options.ts';
import { Rollout } from '../../src/rollout/rollout.ts';
import { TestDesired } from '../../src/rollout/testkit.ts';
import { createTranslator } from '../../src/translator/translator.ts';
import { startXdsServer, type XdsServer } from '../../src/xds/server.ts';
import { ListingClient } from './listing-client.ts';
import { type Picky, PickyClient, type PickyOptions, type Way } from './picky-client.ts';
import { waitFor } from './wait.ts';

/** Quarantines on a disk that is none. */
export class TestQuarantines {
  readonly entries = new Map<string, Quarantined>();

  list(): Quarantined[] {
    return [...this.entries.values()];
  }

  put(entry: Quarantined): void {
    this.entries.set(`${entry.view} ${entry.key}`, entry);
  }

  delete(view: string, key: string): void {
    this.entries.delete(`${view} ${key}`);
  }
}

/** A rollout behind a real xDS server, with clients that refuse what they are told to refuse. */
export class SafeFleet {
  readonly desired = new TestDesired();
  readonly quarantines = new TestQuarantines();
  readonly unwanted: Refused[] = [];
  readonly stalled: (readonly string[])[] = [];
  readonly #history: { readonly revision: number; readonly key: string; readonly object: Stored }[] = [];
  readonly #safety: Partial<Safety>;
  readonly #clients: Picky[] = [];
  readonly #way: Way;
  #rollout: Rollout | undefined;
  #server: XdsServer | undefined;

  private constructor(safety: Partial<Safety>, way: Way) {
    this.#safety = safety;
    this.#way = way;
  }

  /** @param way in which its clients ask */
  static async start(safety: Partial<Safety> = {}, way: Way = 'delta'): Promise<SafeFleet> {
    const fleet = new SafeFleet(safety, way);
    await fleet.#open();
    return fleet;
  }

  get rollout(): Rollout {
    if (this.#rollout === undefined) throw new Error('it is stopped');
    return this.#rollout;
  }

  get quarantined(): string[] {
    return this.rollout
      .safety()
      .quarantined.map(({ key }) => key)
      .toSorted();
  }

  /** As a new daemon over the same state: everybody has to come back. */
  async restart(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    await this.#shut();
    await this.#open();
  }

  connect(id: string, options: PickyOptions = {}): Picky {
    const Client = this.#way === 'delta' ? PickyClient : ListingClient;
    const client = new Client(this.#server?.address.port ?? 0, id, { way: this.#way, ...options });
    this.#clients.push(client);
    return client;
  }

  async connectInSync(id: string, options: PickyOptions = {}): Promise<Picky> {
    const client = this.connect(id, options);
    await waitFor(`${id} to be in sync`, () => this.rollout.nodes().some((node) => node.id === id && node.state === 'in-sync'));
    return client;
  }

  /** One revision. */
  commit(...objects: readonly Stored[]): number {
    const revision = this.desired.revision + 1;
    for (const each of objects) {
      const object = { ...each, revision };
      this.#history.push({ revision, key: keyOf(object), object });
      this.desired.put(object);
      // One revision, however many objects.
      this.desired.revision = revision;
    }
    this.rollout.notice({ number: revision, changes: objects.map((object) => ({ id: keyOf(object) })) });
    return revision;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#shut();
  }

  async #open(): Promise<void> {
    const rollout = new Rollout({
      desired: this.desired,
      translator: createTranslator(loadEnvoyApi()),
      listeners: { default: { host: '127.0.0.1', port: 10_000 } },
      safety: {
        of: () => ({ canaryTimeout: 60_000, ...this.#safety }),
        quarantines: this.quarantines,
        asOf: (key, revision) => this.#history.findLast((each) => each.key === key && each.revision <= revision)?.object,
        changedSince: () => this.#recent(),
        events: { unwanted: (what) => this.unwanted.push(what), stalled: (_, nodes) => this.stalled.push(nodes) },
      },
    });
    this.#rollout = rollout;
    this.#server = await startXdsServer({ address: { host: '127.0.0.1', port: 0 }, attach: (client) => rollout.attach(client) });
  }

  /** All there is, as it was before the last change. */
  #recent(): Map<string, Stored | undefined> {
    const before = (key: string, revision: number): Stored | undefined =>
      this.#history.findLast((each) => each.key === key && each.revision < revision)?.object;
    const last = this.desired.revision;
    return new Map(this.#history.filter(({ revision }) => revision === last).map(({ key }) => [key, before(key, last)]));
  }

  async #shut(): Promise<void> {
    await this.#server?.close();
    this.#rollout?.close();
  }
}
