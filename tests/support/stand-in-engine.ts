import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tempDir } from './program.ts';

/** A container that runs, with one port. */
export interface StandIn {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the real one takes of each question; it answers 400 to filters that it does not know. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = { json: ['all'], events: ['since', 'filters'] };
const FILTERS = ['type', 'event'];

/** The part of an engine's API that is asked of it, for tests that start and end more containers than a real one could. */
export class StandInEngine {
  readonly #folder = tempDir();
  readonly #streams = new Set<ServerResponse>();
  readonly #containers = new Map<string, StandIn>();
  /** The milliseconds for which an answer lets wait. */
  delay = 0;
  asked = 0;
  #server: Server | undefined;

  get socket(): string {
    return `${this.#folder.path}/docker.sock`;
  }

  async open(): Promise<this> {
    this.#server = createServer((request, response) => {
      setTimeout(() => this.#answer(new URL(request.url ?? '/', 'http://engine'), response), this.delay);
    }).listen(this.socket);
    await once(this.#server, 'listening');
    return this;
  }

  /** Nobody reaches it until it is opened again; its containers go on. */
  async away(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#streams.clear();
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    rmSync(this.socket, { force: true });
  }

  async close(): Promise<void> {
    await this.away();
    this.#folder.remove();
  }

  /** These run, and no others. */
  run(containers: readonly StandIn[]): void {
    const wanted = new Map(containers.map((each) => [idOf(each), each]));
    for (const [id, each] of this.#containers) {
      if (wanted.has(id)) continue;
      this.#containers.delete(id);
      for (const action of ['die', 'destroy']) this.#tell(action, id, each);
    }
    for (const [id, each] of wanted) {
      if (this.#containers.has(id)) continue;
      this.#containers.set(id, each);
      for (const action of ['create', 'start']) this.#tell(action, id, each);
    }
  }

  /** One event, to all who listen. */
  #tell(action: string, id: string, { name, labels }: StandIn): void {
    const now = Date.now();
    const event = { Type: 'container', Action: action, Actor: { ID: id, Attributes: { ...labels, name } }, time: Math.floor(now / 1000), timeNano: now * 1e6 };
    for (const stream of this.#streams) stream.write(`${JSON.stringify(event)}\n`);
  }

  #answer({ pathname, searchParams }: URL, response: ServerResponse): void {
    this.asked += 1;
    const [what, id] = questionOf(pathname);
    const fault = what === undefined ? undefined : faultOf(what, searchParams);
    if (what === 'events' && fault === undefined) {
      response.writeHead(200).flushHeaders();
      this.#streams.add(response);
      response.once('close', () => this.#streams.delete(response));
      return;
    }
    const [status, body] = fault === undefined ? this.#tellOf(what, id) : [400, { message: fault }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #tellOf(what: Question[0], id: string | undefined): [status: number, body: unknown] {
    if (what === undefined) return [404, { message: 'page not found' }];
    if (what === 'version') return [200, { ApiVersion: '1.41', MinAPIVersion: '1.12' }];
    if (id === undefined) return [200, [...this.#containers].map(([each, container]) => listed(each, container))];
    const found = this.#containers.get(id);
    return found === undefined ? [404, { message: `No such container: ${id}` }] : [200, inspected(id, found)];
  }
}

type Question = [what?: 'version' | 'json' | 'events', id?: string];

/** `/v1.41/events`, `/v1.41/containers/json`, `/v1.41/containers/ID/json`. */
function questionOf(path: string): Question {
  if (path === '/version') return ['version'];
  if (path === '/v1.41/events') return ['events'];
  if (path === '/v1.41/containers/json') return ['json'];
  const [, id] = /^\/v1\.41\/containers\/([0-9a-f]{64})\/json$/.exec(path) ?? [];
  return id === undefined ? [] : ['json', id];
}

function faultOf(what: string, parameters: URLSearchParams): string | undefined {
  const filters = JSON.parse(parameters.get('filters') ?? '{}') as object;
  const unknown = [...parameters.keys()].find((key) => !PARAMETERS[what]?.includes(key)) ?? Object.keys(filters).find((key) => !FILTERS.includes(key));
  return unknown === undefined ? undefined : `invalid filter '${unknown}'`;
}

function idOf(container: StandIn): string {
  return createHash('sha256').update(JSON.stringify(container)).digest('hex');
}

const networks = ({ ip }: StandIn) => ({ Networks: { bridge: { NetworkID: 'b'.repeat(64), IPAddress: ip, GlobalIPv6Address: '' } } });

function listed(id: string, container: StandIn): object {
  return { Id: id, Names: [`/${container.name}`], State: 'running', Status: 'Up 3 seconds', Labels: container.labels, NetworkSettings: networks(container) };
}

function inspected(id: string, container: StandIn): object {
  return {
    Id: id,
    Name: `/${container.name}`,
    Created: '2026-01-02T03:04:05.6Z',
    State: { Status: 'running', Running: true, StartedAt: '2026-01-02T03:04:06.5Z', FinishedAt: '0001-01-01T00:00:00Z' },
    Config: { Labels: container.labels, ExposedPorts: { [`${container.port}/tcp`]: {} } },
    HostConfig: { NetworkMode: 'default', PortBindings: {} },
    NetworkSettings: { Ports: { [`${container.port}/tcp`]: null }, ...networks(container) },
  };
}
