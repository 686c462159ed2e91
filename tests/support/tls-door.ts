import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Authority } from './certificates.ts';
import { tempDir } from './program.ts';

/** What makes of a unix socket a port with TLS that wants to know who comes, as an engine with --tlsverify has it. */
export class TlsDoor {
  readonly #folder = tempDir();
  readonly #authority = new Authority('Engine CA');
  readonly #target: string;
  readonly #open = new Set<TLSSocket>();
  #server: Server | undefined;

  constructor(target: string) {
    this.#target = target;
  }

  port = 0;

  /** A folder as DOCKER_CERT_PATH names it, with all that it takes. */
  get known(): string {
    return this.#certificates('known', this.#authority.cert, true);
  }

  /** One without a certificate of its own. */
  get nameless(): string {
    return this.#certificates('nameless', this.#authority.cert, false);
  }

  /** One that trusts an authority that is not the door's. */
  get misled(): string {
    return this.#certificates('misled', new Authority('Another CA').cert, true);
  }

  async open(): Promise<this> {
    const own = this.#authority.issue({ dns: ['localhost'] });
    this.#server = createServer({ ...own, ca: this.#authority.cert, requestCert: true, rejectUnauthorized: true }, (client) => {
      const target = connect(this.#target);
      this.#open.add(client);
      client.on('error', () => target.destroy()).once('close', () => this.#open.delete(client));
      target.on('error', () => client.destroy());
      client.pipe(target);
      target.pipe(client);
    }).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    for (const client of this.#open) client.destroy();
    if (this.#server !== undefined) await new Promise((done) => this.#server?.close(done));
    this.#folder.remove();
  }

  #certificates(name: string, ca: string, own: boolean): string {
    const folder = join(this.#folder.path, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'ca.pem'), ca);
    if (!own) return folder;
    const { cert, key } = this.#authority.issue({ cn: 'envoyage' });
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    return folder;
  }
}
