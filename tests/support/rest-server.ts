import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface RestServer {
  readonly url: string;
  /** What was asked, in order. */
  readonly requests: IncomingMessage[];
  /** What it answers from now on. */
  answer: RequestListener;
  /** Takes no connections until `listen`. */
  unlisten(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

/** A server that answers what a test has it answer. @param tls makes it one of https */
export async function restServer(answer: RequestListener, tls?: ServerOptions): Promise<RestServer> {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  let port = 0;
  let server: Server;
  const listen = async (): Promise<void> => {
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      requests.push(request);
      made.answer(request, response);
    };
    server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  };
  const unlisten = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  const made: RestServer = {
    get url() {
      return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/services`;
    },
    requests,
    answer,
    listen,
    unlisten,
    close: unlisten,
  };
  await listen();
  return made;
}

/** An answer of a text. */
export function says(body: string | Buffer, headers: Readonly<Record<string, string>> = {}, status = 200): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  };
}
