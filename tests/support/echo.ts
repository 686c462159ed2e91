import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an upstream was sent. */
export interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface EchoServer {
  readonly port: number;
  /** The requests so far. */
  readonly seen: readonly Echo[];
  close(): Promise<void>;
}

/** An upstream that answers with what it was sent, unless `instead` answers. */
export async function startEcho(instead: (request: IncomingMessage, response: ServerResponse, count: number) => boolean = () => false): Promise<EchoServer> {
  const seen: Echo[] = [];
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const { method = '', url = '', headersDistinct } = request;
    const headers = Object.fromEntries(Object.entries(headersDistinct).map(([name, values = []]) => [name, values.length === 1 ? (values[0] ?? '') : values]));
    seen.push({ method, path: url, headers });
    if (instead(request, response, seen.length)) return;
    response.setHeader('content-type', 'application/json').setHeader('x-upstream', 'echo');
    response.end(JSON.stringify(seen.at(-1)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
