import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES } from '../../src/xds/types.ts';

const METHOD = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
const asIs = (bytes: Buffer): Buffer => bytes;
const api = loadEnvoyApi();
const RESPONSE = 'envoy.service.discovery.v3.DeltaDiscoveryResponse';

interface Sent {
  readonly name: string;
  /** The resource as text, which is what {@link PickyOptions.refuses} looks at. */
  readonly text: string;
}

export interface PickyOptions {
  /** `node.cluster` */
  readonly group?: string;
  /** What it refuses: Envoy's words; undefined for what it takes. */
  refuses?(type: string, text: string): string | undefined;
  /** It answers nothing from the start on, or once it is told so. */
  readonly silent?: boolean;
  /** How it asks: for changes, or in the state of the world on one stream or on a stream for each type (`ListingClient`). */
  readonly way?: Way;
}

export type Way = 'delta' | 'sotw' | 'separate';

/** What tests see of a client, however it asks. */
export type Picky = Pick<PickyClient, 'held' | 'rejected' | 'seen' | 'silent' | 'ended' | 'text' | 'wasSent' | 'speak' | 'close'>;

/**
 * Behaves like an Envoy on a delta ADS stream that refuses some content: of clusters and listeners it takes the good ones
 * and names the others; a route table or endpoints it takes or refuses as a whole, in words that name nobody.
 */
export class PickyClient {
  readonly #client: Client;
  readonly #stream: ClientDuplexStream<Buffer, Buffer>;
  readonly #refuses: NonNullable<PickyOptions['refuses']>;
  readonly #asked = new Set<string>();
  readonly #unanswered: (() => void)[] = [];
  /** What it holds, as text, by type and name. */
  readonly held = new Map<string, Map<string, string>>();
  /** How often it refused, by type, and all texts that it was ever sent. */
  readonly rejected = new Map<string, number>();
  readonly seen: string[] = [];
  silent: boolean;
  ended: string | undefined;

  constructor(port: number, nodeId: string, { group = '', refuses = () => undefined, silent = false }: PickyOptions = {}) {
    this.#refuses = refuses;
    this.silent = silent;
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#stream = this.#client.makeBidiStreamRequest(METHOD, asIs, asIs);
    this.#stream.on('data', (bytes: Buffer) => this.#receive(bytes));
    this.#stream.on('error', (error: Error) => {
      this.ended ??= error.message;
    });
    const node = { id: nodeId, cluster: group, userAgentName: 'test' };
    for (const typeUrl of [CLUSTER, LISTENER]) this.#send({ node, typeUrl });
    this.#send({ node, typeUrl: ROUTES, resourceNamesSubscribe: ['http'] });
  }

  /** What it holds of one resource. */
  text(type: string, name: string): string | undefined {
    return this.held.get(type)?.get(name);
  }

  /** Whether any text that it was ever sent has this in it. */
  wasSent(part: string): boolean {
    return this.seen.some((text) => text.includes(part));
  }

  /** Answers what it kept silent about, and everything from now on. */
  speak(): void {
    this.silent = false;
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  close(): void {
    this.#stream.cancel();
    this.#client.close();
  }

  #receive(bytes: Buffer): void {
    const response = api.decode(RESPONSE, bytes) as {
      typeUrl: string;
      nonce: string;
      resources?: { name: string; resource?: { '@type': string } }[];
      removedResources?: string[];
    };
    const sent = (response.resources ?? []).map(({ name, resource }): Sent => ({ name, text: JSON.stringify(resource) }));
    this.seen.push(...sent.map(({ text }) => text));
    const answer = (): void => this.#answer(response, sent);
    if (this.silent) this.#unanswered.push(answer);
    else answer();
  }

  #answer({ typeUrl, nonce, removedResources = [] }: { typeUrl: string; nonce: string; removedResources?: string[] }, sent: readonly Sent[]): void {
    const held = this.held.get(typeUrl) ?? new Map<string, string>();
    this.held.set(typeUrl, held);
    const faults = sent.flatMap(({ name, text }) => {
      const words = this.#refuses(typeUrl, text);
      return words === undefined ? [] : [{ name, words }];
    });
    const isPartial = typeUrl === CLUSTER || typeUrl === LISTENER;
    if (faults.length === 0 || isPartial) {
      for (const { name, text } of sent) if (!faults.some((fault) => fault.name === name)) held.set(name, text);
      for (const name of removedResources) held.delete(name);
    }
    if (typeUrl === CLUSTER) this.#askEndpoints([...held.keys()]);
    if (faults.length === 0) {
      this.#send({ typeUrl, responseNonce: nonce });
      return;
    }
    this.rejected.set(typeUrl, (this.rejected.get(typeUrl) ?? 0) + 1);
    const what = typeUrl === CLUSTER ? 'cluster' : 'listener';
    const message = isPartial
      ? `Error adding/updating ${what}(s) ${faults.map(({ name, words }) => `${name}: ${words}`).join(', ')}`
      : (faults[0]?.words ?? '');
    this.#send({ typeUrl, responseNonce: nonce, errorDetail: { code: 13, message } });
  }

  #askEndpoints(names: readonly string[]): void {
    const added = names.filter((name) => !this.#asked.has(name));
    for (const name of added) this.#asked.add(name);
    if (added.length > 0) this.#send({ typeUrl: ENDPOINTS, resourceNamesSubscribe: added });
  }

  #send(request: JsonObject): void {
    this.#stream.write(api.encode('envoy.service.discovery.v3.DeltaDiscoveryRequest', request));
  }
}
