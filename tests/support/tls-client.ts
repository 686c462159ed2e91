import { connect as connectHttp2 } from 'node:http2';
import { type Agent, request } from 'node:https';
import { connect } from 'node:tls';

/** What a server showed at a handshake. */
export interface Shown {
  /** Hexadecimal, lower case, without leading zeros. */
  readonly serial: string;
  /** `h2`, `http/1.1`; false where nothing was agreed on. */
  readonly alpn: string | false;
  /** `TLSv1.3` */
  readonly version: string;
}

export interface HandshakeOptions {
  /** PEM of the authority that the certificate has to be of. */
  readonly ca: string;
  /** Asked for (SNI), and has to be a name of the certificate; without it any name will do. */
  readonly name?: string;
  readonly alpn?: readonly string[];
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
}

const DEADLINE_MS = 20_000;

/** One handshake on a connection of its own. @throws Error where it fails, or the certificate is none of the authority's or for another name */
export function handshake(port: number, { ca, name, alpn = ['h2', 'http/1.1'], maxVersion }: HandshakeOptions): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca,
      ALPNProtocols: [...alpn],
      ...(name === undefined ? { checkServerIdentity: () => undefined } : { servername: name }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
    });
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error(`no handshake in ${DEADLINE_MS / 1000} s`)));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const { serialNumber } = socket.getPeerCertificate();
      const shown = { serial: plain(serialNumber), alpn: socket.alpnProtocol || (false as const), version: socket.getProtocol() ?? '' };
      socket.end();
      resolve(shown);
    });
  });
}

export interface SecureAnswer {
  readonly status: number;
  readonly body: string;
  readonly serial: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** One request by HTTP/1.1, on a connection of its own unless there is an agent. */
export function askHttps(port: number, name: string, ca: string, agent: Agent | false = false): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, servername: name, ca, agent, headers: { host: name }, timeout: DEADLINE_MS }, (response) => {
      const { serialNumber } = (response.socket as ReturnType<typeof connect>).getPeerCertificate();
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, serial: plain(serialNumber), headers: response.headers }));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${DEADLINE_MS / 1000} s`)));
    sent.on('error', reject);
    sent.end();
  });
}

/** One request by HTTP/2. */
export function askHttp2(port: number, name: string, ca: string): Promise<Omit<SecureAnswer, 'serial'>> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://${name}:${port}`, {
      createConnection: () => connect({ host: '127.0.0.1', port, servername: name, ca, ALPNProtocols: ['h2'] }),
    });
    session.setTimeout(DEADLINE_MS, () => session.destroy(new Error(`no answer in ${DEADLINE_MS / 1000} s`)));
    session.once('error', reject);
    const stream = session.request({ ':path': '/', ':authority': name });
    let headers: Record<string, unknown> = {};
    let body = '';
    stream.on('response', (got) => {
      headers = got;
    });
    stream.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    stream.once('error', reject);
    stream.once('end', () => {
      session.close();
      resolve({ status: Number(headers[':status']), body, headers });
    });
    stream.end();
  });
}

function plain(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, '');
}

/** Handshakes and requests without a pause, each on a new connection: which certificates were met, and what failed. */
export class HandshakeLoad {
  readonly #workers: Promise<void>[] = [];
  readonly failures: string[] = [];
  /** In the order in which each serial was first met. */
  readonly serials = new Set<string>();
  /** The last one met. */
  latest = '';
  requests = 0;
  #running = true;

  constructor(port: number, name: string, ca: string, connections: number) {
    const work = async (): Promise<void> => {
      while (this.#running) {
        this.requests++;
        try {
          const { status, serial } = await askHttps(port, name, ca);
          if (status !== 200) this.failures.push(`status ${status}`);
          this.serials.add(serial);
          this.latest = serial;
        } catch (thrown) {
          this.failures.push(String(thrown));
        }
        // Leaves the other processes of a small machine some air; the load stays steady.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    for (let i = 0; i < connections; i++) this.#workers.push(work());
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#workers);
  }
}
