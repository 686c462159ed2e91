import { once } from 'node:events';
import { type IncomingMessage, createServer as plain, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse, createServer as h2c } from 'node:http2';
import { createServer as https } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Issued } from './certificates.ts';

/** What an endpoint says of a request that reached it. */
export interface Seen {
  readonly name: string;
  /** `1.1`, `2.0` */
  readonly http: string;
  /** What was asked for by SNI; Node does not tell it of a session that is resumed. */
  readonly sni?: string;
  readonly host?: string;
  /** Whose certificate was shown (its CN). */
  readonly client?: string;
}

/** An endpoint of a service that can be made to fail. */
export interface TestEndpoint {
  readonly name: string;
  readonly port: number;
  /** What it answers; 200 at first. */
  status: number;
  /** Of /healthz. */
  well: boolean;
  /** Answers so far, without those about its health. */
  readonly answered: () => number;
  readonly checked: () => number;
  /** Connections so far. */
  readonly connections: () => number;
  /** Ends the answers to requests for /stream. */
  finish(): void;
  close(): Promise<void>;
}

type Speaks = { readonly speaks?: 'http' | 'h2c' } | { readonly speaks: 'https' | 'https1'; readonly certificate: Issued; readonly clientCa?: string };

/**
 * @property speaks `https` HTTP/2 and HTTP/1.1, `https1` the latter alone
 * @property clientCa who has no certificate of this authority is turned away
 */
export async function startEndpoint(name: string, options: Speaks = {}): Promise<TestEndpoint> {
  let answered = 0;
  let checked = 0;
  let connections = 0;
  const streams = new Set<{ end(text: string): unknown }>();
  const sockets = new Set<Socket>();
  const endpoint = { name, status: 200, well: true };
  const handle = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void => {
    if (request.url === '/healthz') {
      checked++;
      response.statusCode = endpoint.well ? 200 : 503;
      response.end();
      return;
    }
    answered++;
    response.statusCode = endpoint.status;
    const { servername } = request.socket as Partial<TLSSocket> & { readonly servername?: string | false };
    const host = request.headers[':authority'] ?? request.headers.host;
    const sni = typeof servername === 'string' ? { sni: servername } : {};
    const shown = (request.socket as Partial<TLSSocket>).getPeerCertificate?.().subject?.CN;
    const seen = JSON.stringify({ name, http: request.httpVersion, host, ...sni, ...(shown === undefined ? {} : { client: shown }) });
    if (request.url !== '/stream') {
      response.end(seen);
      return;
    }
    (response as ServerResponse).write(`${seen}\n`);
    streams.add(response);
  };
  const server = listening(options, handle);
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '::');
  await once(server, 'listening');
  return Object.assign(endpoint, {
    port: (server.address() as AddressInfo).port,
    answered: () => answered,
    checked: () => checked,
    connections: () => connections,
    finish() {
      for (const stream of streams) stream.end('finished');
      streams.clear();
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  });
}

type Handle = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => void;

function listening(options: Speaks, handle: Handle): Server {
  // Longer than any test, so that no idle connection closes just as Envoy uses it.
  const keepAliveTimeout = 600_000;
  switch (options.speaks) {
    case 'h2c':
      return h2c(handle);
    case 'https':
      return createSecureServer({ ...secured(options), allowHTTP1: true }, handle);
    case 'https1':
      return https({ ...secured(options), keepAliveTimeout }, handle);
    default:
      return plain({ keepAliveTimeout }, handle);
  }
}

function secured({ certificate: { cert, key }, clientCa }: Extract<Speaks, { certificate: Issued }>) {
  return { cert, key, ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }) };
}
