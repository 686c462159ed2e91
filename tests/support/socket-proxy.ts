import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tempDir } from './program.ts';

/** What stands between a client and a unix socket, and does to their connections what networks and proxies do. */
export class SocketProxy {
  readonly #folder = tempDir();
  readonly #target: string;
  readonly #pairs = new Set<readonly [Socket, Socket | undefined]>();
  #server: Server | undefined;
  /** What happens to connections that come: passed on, answered with something that is no HTTP, closed, or kept without an answer. */
  mode: 'pass' | 'garbage' | 'refuse' | 'hang' = 'pass';
  /** Streams of events that were asked for. */
  streams = 0;

  constructor(target: string) {
    this.#target = target;
  }

  get socket(): string {
    return `${this.#folder.path}/proxy.sock`;
  }

  async open(): Promise<this> {
    this.#server = createServer((client) => this.#accept(client)).listen(this.socket);
    await once(this.#server, 'listening');
    return this;
  }

  /** Ends all connections that are open. */
  cut(): void {
    for (const [client, target] of this.#pairs) {
      client.destroy();
      target?.destroy();
    }
  }

  /** From now on the connections that are open carry nothing from the target, and nobody is told. */
  freeze(): void {
    for (const [, target] of this.#pairs) target?.unpipe();
  }

  /** Says something to every client, as if the target had. */
  inject(text: string): void {
    for (const [client] of this.#pairs) client.write(text);
  }

  async close(): Promise<void> {
    this.cut();
    if (this.#server?.listening) await new Promise((done) => this.#server?.close(done));
    this.#folder.remove();
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined);
    client.once('data', (first) => {
      if (/^GET \S*\/events\?/.test(first.toString())) this.streams += 1;
    });
    const target = this.mode === 'pass' ? connect(this.#target) : undefined;
    const pair = [client, target] as const;
    this.#pairs.add(pair);
    const end = (): void => {
      client.destroy();
      target?.destroy();
      this.#pairs.delete(pair);
    };
    client.once('close', end);
    if (this.mode === 'refuse') end();
    if (this.mode === 'garbage') client.once('data', () => client.end('SSH-2.0-OpenSSH_9.2p1 Debian\r\n'));
    if (target === undefined) return;
    target.on('error', end).once('close', end);
    client.pipe(target);
    target.pipe(client);
  }
}
