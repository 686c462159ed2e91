import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { Readable } from 'node:stream';
import type { DaemonInfo, Node, Rollout } from '../api/types.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { toProblem } from '../lib/problem.ts';
import type { ProviderStatus } from '../model/provider-status.ts';
import type { StoredService } from '../model/service.ts';
import { runCli } from './cli.ts';
import type { Io } from './io.ts';

export const NOW = Date.parse('2026-01-01T12:00:00Z');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface World {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** What comes through a pipe. */
  readonly stdin?: string;
  /** Columns of a terminal that both streams are; none unless given. */
  readonly terminal?: number;
}

/** Runs a command line in this process and gives back what it wrote. */
export async function run(argv: readonly string[], { env = {}, cwd = '/', stdin, terminal }: World = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    isTTY: terminal !== undefined,
    columns: terminal,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const io: Io = {
    stdin: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
    stdout: output('stdout'),
    stderr: output('stderr'),
    env,
    cwd,
    uid: 1000,
    signals: new EventEmitter(),
    exit: (code) => {
      throw new Error(`the command ended the process with ${code}`);
    },
    now: () => NOW,
  };
  return { code: await runCli(argv, io), ...written };
}

/** A request as the API got it: `POST /api/v1/services?wait=acked&timeout=1`, and its body. */
export interface Got {
  readonly request: string;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

export type Answer = { readonly status?: number; readonly body: unknown; readonly type?: string } | EnvoyageError;

/** Answers by the path; what it does not know is a 404 as the real one gives it. */
export type Routes = Readonly<Record<string, Answer | ((got: Got) => Answer | Promise<Answer>)>>;

/** An API that holds its clients to the contract, and remembers what they asked. */
export class FakeApi {
  readonly got: Got[] = [];
  routes: Routes = {};
  /** What clients did that the real API would refuse or not understand. */
  readonly offences: string[] = [];
  readonly #server: Server = createServer((incoming, outgoing) => {
    this.#answer(incoming).then(
      ({ status, type, text }) => outgoing.writeHead(status, { 'content-type': type }).end(text),
      (thrown: unknown) => outgoing.destroy(thrown as Error),
    );
  });

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get requests(): string[] {
    return this.got.map(({ request }) => request);
  }

  reset(routes: Routes = {}): void {
    this.routes = routes;
    this.got.length = 0;
    this.offences.length = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(incoming: IncomingMessage): Promise<{ status: number; type: string; text: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method = '', url = '', headers } = incoming;
    const got: Got = { request: `${method} ${url}`, body: text === '' ? undefined : JSON.parse(text), headers };
    this.got.push(got);
    this.#inspect(method, got);
    const key = `${method} ${url.replace(/\?.*/, '')}`;
    const route = this.routes[key] ?? new EnvoyageError('not-found', `there is nothing at ${key}`);
    const answer = typeof route === 'function' ? await route(got) : route;
    if (answer instanceof EnvoyageError) return { status: answer.status, type: 'application/problem+json', text: JSON.stringify(toProblem(answer)) };
    return {
      status: answer.status ?? 200,
      type: answer.type ?? 'application/json; charset=utf-8',
      text: typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body),
    };
  }

  #inspect(method: string, { body, headers, request }: Got): void {
    const expect = (holds: boolean, what: string): void => {
      if (!holds) this.offences.push(`${request}: ${what}`);
    };
    expect(/application\/json/.test(headers.accept ?? ''), 'does not accept JSON');
    const type = body === undefined ? undefined : method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    expect(headers['content-type'] === type, `has content type ${headers['content-type']}`);
    expect(method === 'GET' || headers['x-envoyage-author'] === `${userInfo().username}@${hostname()}`, `has author ${String(headers['x-envoyage-author'])}`);
    const timeout = /[?&]timeout=([^&]*)/.exec(request)?.[1];
    expect(timeout === undefined || (/^\d+(\.\d+)?$/.test(timeout) && Number(timeout) <= 300), `has timeout ${timeout}`);
    const asks = [
      'GET /api/v1/dump?',
      'GET /api/v1/explain?url=',
      'GET /api/v1/revisions?',
      'GET /api/v1/providers/discovery/',
      'DELETE /api/v1/overrides/',
    ].some((start) => request.startsWith(start));
    expect(!request.includes('?') || asks || /\?wait=acked&timeout=[\d.]+$/.test(request), 'has an unknown query');
  }
}

export function stored(host: string, endpoints: readonly string[], more: Partial<StoredService> = {}): StoredService {
  const time = new Date(NOW - 60_000).toISOString();
  return { id: host, host, endpoints, revision: 7, createdAt: time, updatedAt: time, updatedBy: 'ann@laptop', ...more };
}

export function rolloutOf(state: Rollout['state'], more: Partial<Rollout> = {}): Rollout {
  return { revision: 7, state, nodes: 3, acked: 3, pending: [], rejected: [], elapsedMs: 14, ...more };
}

export function daemonInfo(more: Partial<DaemonInfo> = {}): DaemonInfo {
  return {
    version: '0.1.0',
    startedAt: new Date(NOW - 3 * 3600_000).toISOString(),
    revision: 12,
    dataDir: '/var/lib/envoyage',
    xdsAddress: '127.0.0.1:9090',
    xdsAddresses: [more.xdsAddress ?? '127.0.0.1:9090'],
    xdsTls: false,
    httpAddress: '127.0.0.1:8080',
    listeners: { default: '127.0.0.1:10000' },
    ...more,
  };
}

export function provider(name: string, state: ProviderStatus['state'], more: Partial<ProviderStatus> = {}): ProviderStatus {
  return {
    name,
    source: 'unix:///var/run/docker.sock',
    state,
    since: new Date(NOW - 3 * 3600_000).toISOString(),
    syncedAt: new Date(NOW - 3000).toISOString(),
    revision: 12,
    objects: { Service: 10, Route: 2 },
    problems: [],
    problemCount: 0,
    counts: { published: 14, changed: 3, failed: 0 },
    ...more,
  };
}

export function node(id: string, state: Node['state'], more: Partial<Node> = {}): Node {
  return {
    id,
    group: 'default',
    placement: { group: more.group ?? 'default', from: more.group === undefined ? 'default' : 'cluster' },
    state,
    connected: state !== 'gone',
    agent: 'envoy 1.40.0',
    address: '127.0.0.1:40000',
    streams: 1,
    variant: 'delta',
    connectedAt: new Date(NOW - 60_000).toISOString(),
    lastAnswerAt: new Date(NOW - 120_000).toISOString(),
    revision: state === 'in-sync' ? 12 : 11,
    types: [],
    ...more,
  };
}
