import type { ChannelCredentials } from '@grpc/grpc-js';
import type { StreamObserver } from '../../src/xds/attachment.ts';
import { FrameCache } from '../../src/xds/frame.ts';
import type { LimitAct } from '../../src/xds/limits.ts';
import { makeResource, type Resource } from '../../src/xds/resource.ts';
import { type Client, startXdsServer, type XdsServer, type XdsServerOptions } from '../../src/xds/server.ts';
import { type Edit, Store, type StoreOptions } from '../../src/xds/store.ts';
import { FENCE, TYPES, XdsClient } from './xds-client.ts';

/** How many times a state-of-the-world stream can ask {@link TestStream.rest}. */
const FENCES = 100;

/** What the server reported of one stream, in order, in words. */
export type Report = string[];

/** An xDS server over one bare store, and everything its streams reported. */
export class TestServer {
  readonly store: Store;
  readonly frames: FrameCache;
  /** By order of arrival. */
  readonly reports: { readonly client: Client; readonly report: Report }[] = [];
  readonly refused: string[] = [];
  readonly acts: LimitAct[] = [];
  readonly #clients: XdsClient[] = [];
  #server: XdsServer | undefined;

  private constructor(content: StoreOptions) {
    this.store = new Store(content);
    this.frames = new FrameCache(this.store);
  }

  static async start(options: Partial<XdsServerOptions> = {}, content: StoreOptions = {}): Promise<TestServer> {
    const server = new TestServer(content);
    server.store.publish(Array.from({ length: FENCES }, (_, i) => edit(FENCE, `fence-${i + 1}`, 'here')));
    server.#server = await startXdsServer({
      address: { host: '127.0.0.1', port: 0 },
      attach: (client) => {
        const report: Report = [];
        server.reports.push({ client, report });
        return { store: server.store, frames: server.frames, observer: observe(report) };
      },
      onRefused: ({ reason }) => server.refused.push(reason),
      onLimited: (act) => server.acts.push(act),
      ...options,
    });
    return server;
  }

  get running(): XdsServer {
    if (this.#server === undefined) throw new Error('the server is stopped');
    return this.#server;
  }

  /** A client with a connection of its own. */
  client(channel?: ChannelCredentials): XdsClient {
    const client = new XdsClient(this.running.address.port, channel);
    this.#clients.push(client);
    return client;
  }

  publish(...edits: readonly Edit[]): void {
    this.store.publish(edits);
    this.store.announce();
  }

  /** Ends the server alone; the clients see what it does to their streams. */
  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.stop();
  }
}

/** A resource to hold; with null, one to let go. Clusters called `eds-…` need their endpoints. */
export function edit(type: string, name: string, content: string | null): Edit {
  return { type, name, resource: content === null ? null : resource(type, name, content) };
}

export function resource(type: string, name: string, content: string): Resource {
  const follower = type === TYPES.cds && name.startsWith('eds-') ? { type: TYPES.eds, name } : undefined;
  return makeResource(type, name, Buffer.from(`${name}=${content}`), follower);
}

function observe(report: Report): StreamObserver {
  const short = (type: string): string => Object.entries(TYPES).find(([, url]) => url === type)?.[0] ?? 'other';
  const say = (what: string, type: string): void => {
    if (type !== FENCE) report.push(`${what} ${short(type)}`);
  };
  return {
    asked: () => undefined,
    sent: ({ type }) => say('sent', type),
    acked: ({ type }) => say('acked', type),
    rejected: ({ answer, error }) => say(`rejected (${error.message})`, answer.type),
    stands: ({ answer }) => say('still rejected', answer.type),
    recovered: (type) => say('recovered', type),
    settled: (seq) => report.push(`settled ${seq}`),
    closed: () => report.push('closed'),
  };
}
