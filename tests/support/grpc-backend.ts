import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { Server, ServerCredentials, type ServiceDefinition, type sendUnaryData } from '@grpc/grpc-js';

/** A backend that says its name, by gRPC (`examples/grpc` asks it) and by HTTP/1.1 on the same port, so that an Envoy can ask it, too. */
export interface GrpcBackend {
  readonly name: string;
  readonly port: number;
  /** gRPC calls answered so far. */
  readonly answered: () => number;
  close(): Promise<void>;
}

const METHOD = { path: '/envoyage.example.Backend/Name', requestStream: false, responseStream: false } as const;

/** A google.protobuf.StringValue of fewer than 128 bytes: field 1, its length, the text. */
function stringValue(text: string): Buffer {
  return Buffer.concat([Buffer.from([10, Buffer.byteLength(text)]), Buffer.from(text)]);
}

const DEFINITION = {
  Name: {
    ...METHOD,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: stringValue,
    responseDeserialize: String,
  },
} as unknown as ServiceDefinition;

/** How HTTP/2 begins (RFC 9113 §3.4). */
const PREFACE = 'PRI * HTTP/2.0';

export async function startGrpcBackend(name: string): Promise<GrpcBackend> {
  let answered = 0;
  const grpc = new Server();
  grpc.addService(DEFINITION, {
    Name: (_call: unknown, reply: sendUnaryData<string>) => {
      answered++;
      reply(null, name);
    },
  });
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const http: HttpServer = createServer({ keepAliveTimeout: 600_000 }, (_request, response) => response.end(name));
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      if (first.toString('latin1').startsWith(PREFACE)) injector.injectConnection(socket);
      else http.emit('connection', socket);
    });
  });
  server.listen(0, '::');
  await once(server, 'listening');
  return {
    name,
    port: (server.address() as AddressInfo).port,
    answered: () => answered,
    async close() {
      const closed = once(server, 'close');
      server.close();
      injector.destroy();
      grpc.forceShutdown();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
