import { mkdtempSync, rmSync } from 'node:fs';
import { type Agent, type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Flags, loadOptions } from '../../src/config/load.ts';
import { type Daemon, startDaemon } from '../../src/daemon/daemon.ts';
import type { Source } from '../../src/daemon/gate.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { Problem } from '../../src/lib/problem.ts';
import { Contract, type OpenApi } from './contract.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  json<T = Record<string, unknown>>(): T;
  problem(): Problem;
}

export interface CallOptions {
  /** Sent as JSON, unless it is text or bytes, which are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

export interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

export interface TempFolder {
  readonly path: string;
  remove(): void;
}

/** A folder of the test, gone with it; `kept` is the same for a daemon that leaves it to the next one. */
export function tempFolder(): TempFolder & { readonly kept: TempFolder } {
  const path = mkdtempSync(join(tmpdir(), 'envoyage-api-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }), kept: { path, remove: () => undefined } };
}

/** A daemon in this process, on free ports and in a folder of its own, with its API over real HTTP; each answer is held against /openapi.json. */
export class TestApi {
  readonly daemon: Daemon;
  readonly folder: string;
  readonly log: Line[];
  readonly #tls: boolean;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #remove: () => void;
  #contract: Contract | undefined;

  private constructor(daemon: Daemon, folder: TempFolder, log: Line[], flags: Flags, headers: Readonly<Record<string, string>>) {
    this.daemon = daemon;
    this.folder = folder.path;
    this.log = log;
    this.#remove = folder.remove;
    this.#tls = flags['http-tls-cert'] !== undefined;
    this.#headers = headers;
  }

  /** @param headers sent with every request */
  static async start(
    flags: Flags = {},
    headers: Readonly<Record<string, string>> = {},
    folder: TempFolder = tempFolder(),
    sources: readonly Source[] = [],
  ): Promise<TestApi> {
    const log: Line[] = [];
    const logger = createLogger({ level: 'debug', format: 'json', stream: { write: (line) => log.push(JSON.parse(line) as Line) } });
    const all: Flags = { 'http-address': '127.0.0.1:0', 'xds-address': '127.0.0.1:0', 'data-dir': join(folder.path, 'data'), ...flags };
    const { options } = loadOptions({ flags: all, env: {}, cwd: folder.path, systemFile: join(folder.path, 'none.yaml') });
    try {
      return new TestApi(await startDaemon(options, logger, sources), folder, log, flags, headers);
    } catch (thrown) {
      folder.remove();
      throw thrown;
    }
  }

  get port(): number {
    return this.daemon.httpAddress.port;
  }

  /** What went wrong inside, which is never to be. */
  get faults(): Line[] {
    return this.log.filter(({ level }) => level === 'error');
  }

  async contract(): Promise<Contract> {
    this.#contract ??= new Contract((await this.raw('GET', '/openapi.json')).json<OpenApi>());
    return this.#contract;
  }

  /** One request; its answer has to be as the document says. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const contract = await this.contract();
    const answer = await this.raw(method, path, options);
    contract.check(method, path, { status: answer.status, contentType: answer.headers['content-type'] ?? '', text: answer.text });
    return answer;
  }

  /** The same without a look at the document. */
  raw(method: string, path: string, { body, headers = {}, agent, signal }: CallOptions = {}): Promise<Answer> {
    // As bytes: Node would put text and headers into one string, and encode the headers like the text.
    const bytes = body === undefined || body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const type = bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(bytes.length) };
    const request = this.#tls ? tlsRequest : plainRequest;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          rejectUnauthorized: false,
          headers: { ...this.#headers, ...type, ...headers },
          ...(agent === undefined ? {} : { agent }),
          ...(signal === undefined ? {} : { signal }),
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
          });
          response.on('error', reject);
          response.on('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, text)));
        },
      );
      sent.on('error', reject);
      sent.end(bytes);
    });
  }

  /** The revision now, for tests that nothing has changed. */
  async revision(): Promise<number> {
    return (await this.raw('GET', '/api/v1/services')).json<{ revision: number }>().revision;
  }

  async close(): Promise<void> {
    await this.daemon.close();
    this.#remove();
  }

  /** The end of a test: clients go first, and nothing may have gone wrong inside. */
  async end(clients: Iterable<{ close(): void }> = []): Promise<void> {
    for (const client of clients) client.close();
    const { faults } = this;
    await this.close();
    expect(faults).toEqual([]);
  }
}

function answerOf(status: number, headers: IncomingHttpHeaders, text: string): Answer {
  return { status, headers, text, json: <T>() => JSON.parse(text) as T, problem: () => JSON.parse(text) as Problem };
}
