import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import type { NodeList } from '../../src/api/types.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { CLUSTER, LISTENER } from '../../src/xds/types.ts';
import type { TestApi } from './api.ts';
import { waitFor } from './wait.ts';

const METHOD = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
const asIs = (bytes: Buffer): Buffer => bytes;
const api = loadEnvoyApi();

/** What it does with an update: acknowledges it, refuses it with Envoy's words, or says nothing. */
export type Manner = 'ack' | 'reject' | 'silent';

/** Something that behaves like an Envoy on a delta ADS stream, except that it can be told to be slow or to disagree. */
export class DiscoveryClient {
  readonly #client: Client;
  readonly #stream: ClientDuplexStream<Buffer, Buffer>;
  manner: Manner;
  /** Types of the answers that came, in order. */
  readonly seen: string[] = [];
  /** How the stream ended; undefined while it is open. */
  ended: string | undefined;
  readonly #unanswered: { readonly typeUrl: string; readonly nonce: string }[] = [];

  constructor(port: number, nodeId: string, { manner = 'ack', group = '', version }: { manner?: Manner; group?: string; version?: string } = {}) {
    this.manner = manner;
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#stream = this.#client.makeBidiStreamRequest(METHOD, asIs, asIs);
    this.#stream.on('data', (bytes: Buffer) => this.#receive(bytes));
    this.#stream.on('error', (error: Error) => {
      this.ended ??= error.message;
    });
    this.#stream.on('end', () => {
      this.ended ??= 'end';
    });
    const agent = version === undefined ? { userAgentName: 'test' } : { userAgentName: 'envoy', userAgentVersion: version };
    const node = { id: nodeId, cluster: group, ...agent };
    for (const typeUrl of [CLUSTER, LISTENER]) this.#send({ node, typeUrl });
  }

  /** Answers what it kept silent about, and everything from now on. */
  answer(manner: Exclude<Manner, 'silent'>): void {
    this.manner = manner;
    for (const each of this.#unanswered.splice(0)) this.#reply(each, manner);
  }

  close(): void {
    this.#stream.cancel();
    this.#client.close();
  }

  #receive(bytes: Buffer): void {
    const { typeUrl, nonce } = api.decode('envoy.service.discovery.v3.DeltaDiscoveryResponse', bytes) as { typeUrl: string; nonce: string };
    this.seen.push(typeUrl);
    if (this.manner === 'silent') this.#unanswered.push({ typeUrl, nonce });
    else this.#reply({ typeUrl, nonce }, this.manner);
  }

  #reply({ typeUrl, nonce }: { typeUrl: string; nonce: string }, manner: 'ack' | 'reject'): void {
    this.#send({ typeUrl, responseNonce: nonce, ...(manner === 'reject' ? { errorDetail: { code: 3, message: 'no, thank you' } } : {}) });
  }

  #send(request: JsonObject): void {
    this.#stream.write(api.encode('envoy.service.discovery.v3.DeltaDiscoveryRequest', request));
  }
}

/** One that has acknowledged all there is, and from then on does as it is told. */
export async function connectInSync(
  api: TestApi,
  id: string,
  { manner = 'ack', ...options }: { manner?: Manner; group?: string; version?: string } = {},
): Promise<DiscoveryClient> {
  const client = new DiscoveryClient(api.daemon.xdsAddress.port, id, options);
  await waitFor(`${id} to be in sync`, async () => {
    const { nodes } = (await api.call('GET', '/api/v1/nodes')).json<NodeList>();
    return nodes.some((node) => node.id === id && node.state === 'in-sync');
  });
  client.manner = manner;
  return client;
}
