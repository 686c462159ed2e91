import { type handleBidiStreamingCall, Metadata, Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js';
import { formatHostPort, type HostPort } from '../lib/address.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { Access } from './access.ts';
import { addressOf } from './admission.ts';
import type { Attachment } from './attachment.ts';
import type { NodeInfo } from './codec.ts';
import { Connections } from './connections.ts';
import { TlsCredentials, type TlsMaterial } from './credentials.ts';
import { Guard } from './guard.ts';
import { AccessError, type Identity } from './identity.ts';
import { DEFAULT_LIMITS, type LimitAct, LimitLog, type LimitName, type Limits } from './limits.ts';
import type { Call } from './pass.ts';
import { type Refusal, Refusals } from './refusals.ts';
import { METHODS, type Method } from './services.ts';
import { ProtocolError, type Variant, XdsStream } from './stream.ts';
import type { TypeUrl } from './types.ts';
import { frameWriter } from './write.ts';

/** What a stream says of itself when it asks to be attached. */
export interface Client {
  readonly node: NodeInfo;
  readonly variant: Variant;
  /** The one type that the stream is for; undefined for ADS. */
  readonly onlyType: TypeUrl | undefined;
  /** The peer's address as gRPC names it. */
  readonly address: string;
  /** Ends the stream with UNAVAILABLE and these words; the client comes back and says what it holds. */
  restart(reason: string): void;
  /** What it proved to be; undefined where nobody has to prove anything. */
  readonly identity?: Identity | undefined;
}

export interface XdsServerOptions {
  readonly address: HostPort;
  /** Without it the server speaks plain HTTP/2. */
  readonly tls?: TlsMaterial | undefined;
  /** Who may open a stream; anybody unless it says otherwise. */
  readonly access?: Access | undefined;
  readonly limits?: Limits | undefined;
  /** Streams are not read, and so not answered, before this resolves; without it they are from the start. */
  readonly ready?: Promise<void> | undefined;
  /** @throws AccessError where the client may not have what it asks for, any other Error to have it come again */
  attach(client: Client): Attachment;
  /** A client that broke the protocol, or was turned away; told now and then where it goes on. */
  onRefused?(client: { address: string; reason: string }): void;
  /** A limit acted; told now and then. */
  onLimited?(act: LimitAct): void;
}

export interface XdsServer {
  /** Where it listens, the port chosen where 0 was asked for. */
  readonly address: HostPort;
  /** How often each limit acted. */
  readonly limited: Readonly<Record<LimitName, number>>;
  /** How often someone was turned away. */
  readonly refusedTotal: number;
  /** Who was turned away lately, the latest first. */
  refused(): Refusal[];
  /** Replaces certificates, authorities and tokens; streams that would not be let in any more end. */
  secure(tls: TlsMaterial | undefined, access: Access): void;
  /** Ends every stream; Envoys keep what they have and come back. */
  close(): Promise<void>;
}

/** Answers of one stream that the transport has not taken yet; a client that does not read gets no more. */
const MOST_UNWRITTEN = 8;

const SERVER_OPTIONS = {
  'grpc.max_send_message_length': -1,
  'grpc.http2.min_ping_interval_without_data_ms': 5000,
};

/**
 * Starts the discovery services.
 * @throws EnvoyageError address-in-use, address-unavailable
 */
export async function startXdsServer(options: XdsServerOptions): Promise<XdsServer> {
  const { tls, access = {}, limits = DEFAULT_LIMITS } = options;
  const server = new Server({ ...SERVER_OPTIONS, 'grpc.max_receive_message_length': limits.messageBytes });
  const calls = new Set<Call>();
  const log = new LimitLog(options.onLimited);
  const refusals = new Refusals();
  const refused = (peer: string, reason: string): void => {
    if (refusals.note(addressOf(peer), reason, Date.now())) options.onRefused?.({ address: peer, reason });
  };
  const connections = new Connections(limits, log, refused);
  const guard = new Guard({ limits, access, log, connections, refused });
  for (const [service, methods] of Map.groupBy(METHODS, (method) => method.service)) {
    const handlers = methods.map((method): [string, handleBidiStreamingCall<Buffer, Buffer>] => [
      method.name,
      (call) => serve(call, method, { options, calls, guard, log, refused }),
    ]);
    server.addService(definition(service, methods), Object.fromEntries(handlers));
  }
  const credentials =
    tls === undefined ? undefined : new TlsCredentials(tls, { certificateOptional: access.tokens !== undefined, handshakeTimeout: limits.firstRequestMs });
  const port = await bind(server, options.address, credentials ?? ServerCredentials.createInsecure());
  connections.watch(server);
  guard.start();
  return {
    address: { host: options.address.host, port },
    limited: log.counts,
    get refusedTotal() {
      return refusals.total;
    },
    refused: () => refusals.recent(Date.now()),
    secure(material, newAccess) {
      if (material !== undefined) credentials?.update(material);
      guard.update(newAccess);
    },
    async close() {
      guard.close();
      for (const call of calls) call.emit('error', Object.assign(new Error('the control plane is shutting down'), { code: status.UNAVAILABLE }));
      const stopped = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      const hurry = setTimeout(() => {
        server.forceShutdown();
        connections.cutAll();
      }, 1000);
      await stopped;
      clearTimeout(hurry);
    },
  };
}

const NO_METADATA = new Metadata();

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

/** What all calls share. */
interface Shared {
  readonly options: XdsServerOptions;
  readonly calls: Set<Call>;
  readonly guard: Guard;
  readonly log: LimitLog;
  refused(peer: string, reason: string): void;
}

function serve(call: Call, method: Method, { options, calls, guard, log, refused }: Shared): void {
  const address = call.getPeer();
  const end = (code: status, reason: string): void => {
    call.emit('error', Object.assign(new Error(reason), { code, details: reason }));
  };
  const pass = guard.enter(call, end);
  if (pass === undefined) return;
  const writer = frameWriter(call);
  const restart = (reason: string): void => end(status.UNAVAILABLE, reason);
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
    attach: (node) => {
      const attachment = options.attach({ node, variant: method.variant, onlyType: method.onlyType, address, identity: pass.identity, restart });
      // At once, though the client may need nothing: one that is ended before its answer began takes us for broken, and dials another.
      call.sendMetadata(NO_METADATA);
      return attachment;
    },
    write: (framed) => {
      unwritten++;
      writer.write(framed, written);
      full = unwritten >= MOST_UNWRITTEN;
      return !full;
    },
    restart,
  });
  const finish = (): void => {
    calls.delete(call);
    pass.leave();
    stream.close();
  };
  calls.add(call);
  const read = (bytes: Buffer): void => {
    pass.received();
    try {
      stream.receive(bytes);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      if (thrown instanceof ProtocolError && thrown.limit !== undefined) log.acted(thrown.limit, address, reason);
      refused(address, reason);
      end(codeOf(thrown), reason);
    }
  };
  if (options.ready === undefined) call.on('data', read);
  else void options.ready.then(() => call.on('data', read));
  call.on('end', () => {
    finish();
    call.end();
  });
  // However it ended.
  call.on('close', finish);
  call.on('error', finish);
}

function codeOf(thrown: unknown): status {
  if (thrown instanceof ProtocolError) return status.INVALID_ARGUMENT;
  return thrown instanceof AccessError ? status.PERMISSION_DENIED : status.UNAVAILABLE;
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
