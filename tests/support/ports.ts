import { createServer } from 'node:net';

/**
 * Ports below the range from which the kernel takes those of outgoing connections (32768 and up), so that a port stays
 * free while the program that has it is down. Each process begins somewhere else.
 */
const FIRST = 12_000;
const COUNT = 20_000;
let next = (process.pid * 97) % COUNT;

/** A port of loopback that nobody listens on, neither by IPv4 nor by IPv6. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port;
  }
  throw new Error('no free port in 200 tries');
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
