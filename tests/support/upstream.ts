import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An upstream that says its name, on a port of its own, by IPv4 and IPv6. */
export interface Upstream {
  readonly name: string;
  readonly port: number;
  /** Requests answered so far. */
  readonly answered: () => number;
  close(): Promise<void>;
}

export async function startUpstream(name: string): Promise<Upstream> {
  let answered = 0;
  // Longer than any test, so that no idle connection closes just as Envoy uses it.
  const server: Server = createServer({ keepAliveTimeout: 600_000 }, (_request, response) => {
    answered++;
    response.end(name);
  });
  server.listen(0, '::');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    name,
    port,
    answered: () => answered,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
