import { type handleBidiStreamingCall, Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition, status } from '@grpc/grpc-js';
import { formatHostPort, type HostPort } from '../lib/address.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { NodeInfo } from './codec.ts';
import { METHODS, type Method } from './services.ts';
import { type Attachment, ProtocolError, type Variant, XdsStream } from './stream.ts';
import type { TypeUrl } from './types.ts';
import { frameWriter } from './write.ts';

/** What a stream says of itself when it asks to be attached. */
export interface Client {
  readonly node: NodeInfo;
  readonly variant: Variant;
  /** True on an ADS stream. */
  readonly aggregated: boolean;
  /** The one type that the stream is for; undefined for ADS. */
  readonly onlyType: TypeUrl | undefined;
  /** The peer's address as gRPC names it. */
  readonly address: string;
}

export interface XdsServerOptions {
  readonly address: HostPort;
  /** PEM; without it the server speaks plain HTTP/2. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** @throws Error to turn the client away */
  attach(client: Client): Attachment;
  /** A client that broke the protocol or was turned away. */
  onRefused?(client: { address: string; method: string; reason: string }): void;
}

export interface XdsServer {
  /** Where it listens, the port chosen where 0 was asked for. */
  readonly address: HostPort;
  /** Ends every stream; Envoys keep what they have and come back. */
  close(): Promise<void>;
}

type Call = ServerDuplexStream<Buffer, Buffer>;

/** A reconnecting Envoy restates names and versions of all that it holds in one message. */
const MOST_MESSAGE_BYTES = 64 << 20;

/** Answers of one stream that the transport has not taken yet; a client that does not read gets no more. */
const MOST_UNWRITTEN = 8;

const SERVER_OPTIONS = {
  'grpc.max_receive_message_length': MOST_MESSAGE_BYTES,
  'grpc.max_send_message_length': -1,
  // Finds the dead: an Envoy that lost its network does not say goodbye.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.http2.min_ping_interval_without_data_ms': 5000,
};

/**
 * Starts the discovery services.
 * @throws EnvoyageError address-in-use, address-unavailable
 */
export async function startXdsServer(options: XdsServerOptions): Promise<XdsServer> {
  const server = new Server(SERVER_OPTIONS);
  const calls = new Set<Call>();
  for (const [service, methods] of Map.groupBy(METHODS, (method) => method.service)) {
    const handlers = methods.map((method): [string, handleBidiStreamingCall<Buffer, Buffer>] => [method.name, (call) => serve(call, method, options, calls)]);
    server.addService(definition(service, methods), Object.fromEntries(handlers));
  }
  const { tls } = options;
  const credentials =
    tls === undefined ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(null, [{ cert_chain: tls.cert, private_key: tls.key }]);
  const port = await bind(server, options.address, credentials);
  return {
    address: { host: options.address.host, port },
    async close() {
      for (const call of calls) call.emit('error', Object.assign(new Error('the control plane is shutting down'), { code: status.UNAVAILABLE }));
      const stopped = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      const hurry = setTimeout(() => server.forceShutdown(), 1000);
      await stopped;
      clearTimeout(hurry);
    },
  };
}

/** Bytes in, bytes out: what is sent was encoded once for everybody. */
const asIs = (bytes: Buffer): Buffer => bytes;

function definition(service: string, methods: readonly Method[]): ServiceDefinition {
  const entries = methods.map(({ name }) => [
    name,
    {
      path: `/${service}/${name}`,
      requestStream: true,
      responseStream: true,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  ]);
  return Object.fromEntries(entries) as ServiceDefinition;
}

function serve(call: Call, method: Method, options: XdsServerOptions, calls: Set<Call>): void {
  const address = call.getPeer();
  const end = (code: status, reason: string): void => {
    call.emit('error', Object.assign(new Error(reason), { code, details: reason }));
  };
  const writer = frameWriter(call);
  let unwritten = 0;
  let full = false;
  const written = (): void => {
    unwritten--;
    if (!full || unwritten > 0) return;
    full = false;
    stream.drained();
  };
  const stream = new XdsStream({
    variant: method.variant,
    onlyType: method.onlyType,
    attach: (node) => options.attach({ node, variant: method.variant, aggregated: method.onlyType === undefined, onlyType: method.onlyType, address }),
    write: (framed) => {
      unwritten++;
      writer.write(framed, written);
      full = unwritten >= MOST_UNWRITTEN;
      return !full;
    },
    restart: (reason) => end(status.UNAVAILABLE, reason),
  });
  const finish = (): void => {
    calls.delete(call);
    stream.close();
  };
  calls.add(call);
  call.on('data', (bytes: Buffer) => {
    try {
      stream.receive(bytes);
    } catch (thrown) {
      const broke = thrown instanceof ProtocolError;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      options.onRefused?.({ address, method: method.name, reason });
      end(broke ? status.INVALID_ARGUMENT : status.UNAVAILABLE, reason);
    }
  });
  call.on('end', () => {
    finish();
    call.end();
  });
  call.on('close', finish);
  call.on('cancelled', finish);
  call.on('error', finish);
}

function bind(server: Server, address: HostPort, credentials: ServerCredentials): Promise<number> {
  const text = formatHostPort(address);
  return new Promise((resolve, reject) => {
    server.bindAsync(text, credentials, (error, port) => {
      if (error === null) {
        resolve(port);
        return;
      }
      const inUse = error.message.includes('EADDRINUSE');
      reject(
        new EnvoyageError(inUse ? 'address-in-use' : 'address-unavailable', `cannot serve xDS on ${text}: ${inUse ? 'the port is in use' : error.message}`, {
          hint: inUse
            ? `see who has it: ss -ltnp 'sport = :${address.port}'; or choose another: envoyage serve --xds-address ${formatHostPort({ ...address, port: address.port + 1 })}`
            : 'choose another address: envoyage serve --xds-address HOST:PORT',
          cause: error,
        }),
      );
    });
  });
}
