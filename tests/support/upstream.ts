import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from './envoys.ts';

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

/**
 * An upstream for each name, there while the tests of the file run, which begin once the Envoys that everything is tried with
 * are installed. To be called at the top of a file.
 */
export function startedUpstreams<Names extends readonly string[]>(...names: Names): { readonly [I in keyof Names]: Upstream } {
  const started = new Map<string, Upstream>();
  beforeAll(async () => {
    for (const name of names) started.set(name, await startUpstream(name));
    await Promise.all(ENVOY_VERSIONS.map(testEnvoy));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    for (const upstream of started.values()) await upstream.close();
  });
  const later = (name: string): Upstream => {
    const upstream = (): Upstream => {
      const found = started.get(name);
      if (found === undefined) throw new Error(`upstream ${name} is asked for before the tests begin`);
      return found;
    };
    return {
      name,
      get port() {
        return upstream().port;
      },
      answered: () => upstream().answered(),
      close: () => upstream().close(),
    };
  };
  return names.map(later) as unknown as { readonly [I in keyof Names]: Upstream };
}
