import { type ChannelCredentials, Client, type ClientDuplexStream, credentials, Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { type DeltaRequest, decodeDelta, decodeSotw, encodeDelta, encodeNode, encodeSotw, type Response, type SotwRequest } from './xds-wire.ts';

export type Variant = 'delta' | 'sotw';

/** The services by what people call them, with the noun of their two methods (envoy/service, the `*ds.proto` files). */
const SERVICES = {
  ads: ['envoy.service.discovery.v3.AggregatedDiscoveryService', 'AggregatedResources'],
  cds: ['envoy.service.cluster.v3.ClusterDiscoveryService', 'Clusters'],
  eds: ['envoy.service.endpoint.v3.EndpointDiscoveryService', 'Endpoints'],
  lds: ['envoy.service.listener.v3.ListenerDiscoveryService', 'Listeners'],
  rds: ['envoy.service.route.v3.RouteDiscoveryService', 'Routes'],
  vhds: ['envoy.service.route.v3.VirtualHostDiscoveryService', 'VirtualHosts'],
  sds: ['envoy.service.secret.v3.SecretDiscoveryService', 'Secrets'],
  ecds: ['envoy.service.extension.v3.ExtensionConfigDiscoveryService', 'ExtensionConfigs'],
  srds: ['envoy.service.route.v3.ScopedRoutesDiscoveryService', 'ScopedRoutes'],
  rtds: ['envoy.service.runtime.v3.RuntimeDiscoveryService', 'Runtime'],
} as const;

export type ServiceName = keyof typeof SERVICES;

export const TYPES = {
  cds: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  eds: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  lds: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  rds: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  vhds: 'type.googleapis.com/envoy.config.route.v3.VirtualHost',
  sds: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
  ecds: 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
  srds: 'type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration',
  rtds: 'type.googleapis.com/envoy.service.runtime.v3.Runtime',
} as const;

/** A type that the server has no rules for, in which a {@link TestStream.rest} asks its question. */
export const FENCE = 'type.googleapis.com/test.Fence';

export const NODE = encodeNode({ id: 'node-1', cluster: 'default', agent: 'envoy' });

/** Far longer than anything takes; a test that waits this long has failed. */
const DEADLINE_MS = 60_000;

const asIs = (bytes: Buffer): Buffer => bytes;

/** One connection to the server. */
export class XdsClient {
  readonly #client: Client;

  constructor(port: number, channel: ChannelCredentials = credentials.createInsecure()) {
    // A channel of its own each: clients of one process would share a connection otherwise.
    this.#client = new Client(`127.0.0.1:${port}`, channel, {
      'grpc.max_receive_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
      // An address is no server name (RFC 6066 §3), and grpc-js would send it as one.
      'grpc.ssl_target_name_override': 'localhost',
    });
  }

  open(variant: Variant, service: ServiceName = 'ads', headers: Record<string, string> = {}): TestStream {
    const [name, noun] = SERVICES[service];
    const method = variant === 'delta' ? `Delta${noun}` : `Stream${noun}`;
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
    return new TestStream(variant, service, this.#client.makeBidiStreamRequest(`/${name}/${method}`, asIs, asIs, metadata));
  }

  close(): void {
    this.#client.close();
  }
}

/** One discovery stream, in the client's place. It acknowledges nothing by itself. */
export class TestStream {
  readonly variant: Variant;
  readonly service: ServiceName;
  readonly #call: ClientDuplexStream<Buffer, Buffer>;
  readonly #inbox: Response[] = [];
  #wake: (() => void) | undefined;
  #fences = 0;
  #fenceNonce = '';
  /** The status that the stream ended with; undefined while it is open. */
  status: StatusObject | undefined;

  constructor(variant: Variant, service: ServiceName, call: ClientDuplexStream<Buffer, Buffer>) {
    this.variant = variant;
    this.service = service;
    this.#call = call;
    call.on('data', (bytes: Buffer) => {
      this.#inbox.push(variant === 'delta' ? decodeDelta(bytes) : decodeSotw(bytes));
      this.#wake?.();
    });
    call.on('status', (ended: StatusObject) => {
      this.status = ended;
      this.#wake?.();
    });
    // The status says it all.
    call.on('error', () => {});
  }

  raw(bytes: Buffer): void {
    this.#call.write(bytes);
  }

  delta(request: DeltaRequest): void {
    this.raw(encodeDelta(request));
  }

  sotw(request: SotwRequest): void {
    this.raw(encodeSotw(request));
  }

  /** The first request of a type: everything, or the names given. */
  subscribe(typeUrl: string, names: readonly string[] = [], node: Buffer | undefined = NODE): void {
    if (this.variant === 'delta') this.delta({ node, typeUrl, subscribe: names });
    else this.sotw({ node, typeUrl, names });
  }

  /** In the state-of-the-world variant an acknowledgement repeats the names. */
  ack(response: Response, names: readonly string[] = []): void {
    if (this.variant === 'delta') this.delta({ typeUrl: response.typeUrl, nonce: response.nonce });
    else this.sotw({ typeUrl: response.typeUrl, nonce: response.nonce, versionInfo: response.version, names });
  }

  nack(response: Response, message: string, names: readonly string[] = [], versionInfo = ''): void {
    const error = { code: status.INVALID_ARGUMENT, message };
    if (this.variant === 'delta') this.delta({ typeUrl: response.typeUrl, nonce: response.nonce, error });
    else this.sotw({ typeUrl: response.typeUrl, nonce: response.nonce, versionInfo, names, error });
  }

  /** The next response. @throws Error where none comes, or the stream ends before */
  async next(): Promise<Response> {
    await this.#until('a response', () => this.#inbox.length > 0 || this.status !== undefined);
    const response = this.#inbox.shift();
    if (response === undefined) throw new Error(`the stream ended: ${this.status?.code} ${this.status?.details}`);
    return response;
  }

  /** The next response, acknowledged. */
  async take(names: readonly string[] = []): Promise<Response> {
    const response = await this.next();
    this.ack(response, names);
    return response;
  }

  /**
   * Everything that the server has to say by now: what comes before its answer to a question asked here. Requests and
   * responses keep their order, so what is not in it was not sent. ADS only.
   */
  async rest(): Promise<Response[]> {
    this.#fences++;
    const name = `fence-${this.#fences}`;
    if (this.variant === 'delta') this.delta({ node: NODE, typeUrl: FENCE, subscribe: [name] });
    else this.sotw({ node: NODE, typeUrl: FENCE, names: [name], nonce: this.#fenceNonce });
    const before: Response[] = [];
    for (;;) {
      const response = await this.next();
      if (response.typeUrl !== FENCE) {
        before.push(response);
        continue;
      }
      this.#fenceNonce = response.nonce;
      this.ack(response, [name]);
      return before;
    }
  }

  /** The status with which the server ends the stream. */
  async ended(): Promise<StatusObject> {
    await this.#until('the end of the stream', () => this.status !== undefined);
    if (this.status === undefined) throw new Error('there is no status');
    return this.status;
  }

  /** Stops reading: flow control will stop the server's writing in turn. */
  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  cancel(): void {
    this.#call.cancel();
  }

  /** Says that no more requests will come. */
  halfClose(): void {
    this.#call.end();
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    const end = performance.now() + DEADLINE_MS;
    while (!holds()) {
      const left = end - performance.now();
      if (left <= 0) throw new Error(`waited ${DEADLINE_MS / 1000} s for ${what} in vain`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
  }
}

/** `name=content` of each resource, in the order of their names. */
export function contents(response: Response): string[] {
  return response.resources.map(({ name, body }) => `${name}=${body}`).toSorted();
}
