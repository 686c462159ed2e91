import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES } from '../../src/xds/types.ts';
import type { PickyOptions } from './picky-client.ts';

const asIs = (bytes: Buffer): Buffer => bytes;
const api = loadEnvoyApi();
const ADS = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
const SEPARATE = new Map([
  [CLUSTER, '/envoy.service.cluster.v3.ClusterDiscoveryService/StreamClusters'],
  [LISTENER, '/envoy.service.listener.v3.ListenerDiscoveryService/StreamListeners'],
  [ROUTES, '/envoy.service.route.v3.RouteDiscoveryService/StreamRoutes'],
]);

/** Of one type: what is asked for, and the answer that was taken last. */
interface Subscription {
  readonly stream: ClientDuplexStream<Buffer, Buffer>;
  names: readonly string[];
  nonce: string;
  version: string;
}

interface Listing {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly versionInfo: string;
  readonly resources?: readonly ({ '@type': string; name?: string; clusterName?: string } & JsonObject)[];
}

/**
 * The same as `PickyClient` for an Envoy that asks in the state of the world: on one stream for all types, or on a stream for
 * each, where its endpoints come within the clusters.
 */
export class ListingClient {
  readonly #client: Client;
  readonly #refuses: NonNullable<PickyOptions['refuses']>;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #streams: ClientDuplexStream<Buffer, Buffer>[] = [];
  readonly #unanswered: (() => void)[] = [];
  readonly held = new Map<string, Map<string, string>>();
  readonly rejected = new Map<string, number>();
  readonly seen: string[] = [];
  silent: boolean;
  ended: string | undefined;

  constructor(port: number, nodeId: string, { group = '', refuses = () => undefined, silent = false, way }: PickyOptions) {
    this.#refuses = refuses;
    this.silent = silent;
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const node = { id: nodeId, cluster: group, userAgentName: 'test' };
    const shared = way === 'separate' ? undefined : this.#open(ADS);
    for (const [typeUrl, method] of SEPARATE) {
      const stream = shared ?? this.#open(method);
      this.#subscriptions.set(typeUrl, { stream, names: typeUrl === ROUTES ? ['http'] : [], nonce: '', version: '' });
      this.#send(typeUrl, { node });
    }
    if (shared !== undefined) this.#subscriptions.set(ENDPOINTS, { stream: shared, names: [], nonce: '', version: '' });
  }

  text(type: string, name: string): string | undefined {
    return this.held.get(type)?.get(name);
  }

  wasSent(part: string): boolean {
    return this.seen.some((text) => text.includes(part));
  }

  speak(): void {
    this.silent = false;
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  close(): void {
    for (const stream of this.#streams) stream.cancel();
    this.#client.close();
  }

  #open(method: string): ClientDuplexStream<Buffer, Buffer> {
    const stream = this.#client.makeBidiStreamRequest(method, asIs, asIs);
    stream.on('data', (bytes: Buffer) => this.#receive(bytes));
    stream.on('error', (error: Error) => {
      this.ended ??= error.message;
    });
    this.#streams.push(stream);
    return stream;
  }

  #receive(bytes: Buffer): void {
    const listing = api.decode('envoy.service.discovery.v3.DiscoveryResponse', bytes) as unknown as Listing;
    const sent = new Map((listing.resources ?? []).map((resource) => [resource.name ?? resource.clusterName ?? '', JSON.stringify(resource)]));
    this.seen.push(...sent.values());
    const answer = (): void => this.#answer(listing, sent);
    if (this.silent) this.#unanswered.push(answer);
    else answer();
  }

  #answer({ typeUrl, nonce, versionInfo }: Listing, sent: ReadonlyMap<string, string>): void {
    const subscription = this.#subscriptions.get(typeUrl);
    if (subscription === undefined) throw new Error(`nobody asked for ${typeUrl}`);
    const before = this.held.get(typeUrl) ?? new Map<string, string>();
    const faults = [...sent].flatMap(([name, text]) => {
      const words = this.#refuses(typeUrl, text);
      return words === undefined ? [] : [{ name, words }];
    });
    const listsAll = typeUrl === CLUSTER || typeUrl === LISTENER;
    if (listsAll) {
      // What is refused stays as it was; what is not listed goes.
      const now = [...sent].map(([name, text]): [string, string | undefined] => [name, faults.some((fault) => fault.name === name) ? before.get(name) : text]);
      this.held.set(typeUrl, new Map(now.filter((each): each is [string, string] => each[1] !== undefined)));
    } else if (faults.length === 0) this.held.set(typeUrl, new Map([...before, ...sent]));
    subscription.nonce = nonce;
    if (faults.length === 0) subscription.version = versionInfo;
    else this.rejected.set(typeUrl, (this.rejected.get(typeUrl) ?? 0) + 1);
    const what = typeUrl === CLUSTER ? 'cluster' : 'listener';
    const message = listsAll ? `Error adding/updating ${what}(s) ${faults.map(({ name, words }) => `${name}: ${words}`).join(', ')}` : (faults[0]?.words ?? '');
    this.#send(typeUrl, faults.length === 0 ? {} : { errorDetail: { code: 13, message } });
    if (typeUrl === CLUSTER) this.#askEndpoints();
  }

  #askEndpoints(): void {
    const subscription = this.#subscriptions.get(ENDPOINTS);
    const names = [...(this.held.get(CLUSTER)?.keys() ?? [])].toSorted();
    if (subscription === undefined || names.join() === subscription.names.join()) return;
    subscription.names = names;
    this.#send(ENDPOINTS);
  }

  #send(typeUrl: string, more: JsonObject = {}): void {
    const { stream, names, nonce, version } = this.#subscriptions.get(typeUrl) as Subscription;
    const request = { typeUrl, resourceNames: [...names], responseNonce: nonce, versionInfo: version, ...more };
    stream.write(api.encode('envoy.service.discovery.v3.DiscoveryRequest', request));
  }
}
