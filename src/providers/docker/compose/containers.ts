import type { Container, EngineState } from '../container.ts';
import { LOCAL } from '../published.ts';
import type { ComposeProject, ComposeService } from './project.ts';

/** The containers that compose would make, with stand-ins for what only an engine knows. */
export interface Imagined {
  readonly engine: EngineState;
  /** By id. */
  readonly services: ReadonlyMap<string, ComposeService>;
  /** What stands in for an address, by that: the name of the container. */
  readonly names: ReadonlyMap<string, string>;
  /** The names of those of which only the image can tell the port. */
  readonly portless: ReadonlySet<string>;
}

/** Stands for the port that an image exposes. Nothing listens there (RFC 1078 is historic). */
export const UNKNOWN_PORT = 1;

export function imagine(projects: readonly ComposeProject[]): Imagined {
  const containers: Container[] = [];
  const services = new Map<string, ComposeService>();
  const names = new Map<string, string>();
  const portless = new Set<string>();
  let count = 0;
  const address = (name: string): string => {
    // 198.18.0.0/15 is for tests (RFC 2544), and nobody's.
    const ip = `198.${18 + (count >> 16)}.${(count >> 8) & 255}.${count & 255}`;
    count++;
    names.set(ip, name);
    return ip;
  };
  for (const project of projects)
    for (const service of project.services)
      for (let i = 1; i <= service.replicas; i++) {
        const container = containerOf(project.name, service, i, address);
        if (container.exposed.some(({ port }) => port === UNKNOWN_PORT)) portless.add(container.name);
        services.set(container.id, service);
        containers.push(container);
      }
  return { engine: { host: LOCAL, containers }, services, names, portless };
}

function containerOf(project: string, service: ComposeService, number: number, address: (name: string) => string): Container {
  const name = service.containerName ?? nameOf(project, service.name, number);
  const labels = Object.fromEntries([...service.labels].map(([key, { text }]) => [key, text]));
  // By its published ports it is reached by what compose knows, or not at all.
  const onlyImage = service.exposed.every(({ protocol }) => protocol !== 'tcp') && labels['envoyage.address'] !== 'host';
  return {
    id: idOf(project, service.name, number),
    name,
    createdAt: '1970-01-01T00:00:00Z',
    labels: { ...labels, 'com.docker.compose.project': project, 'com.docker.compose.service': service.name },
    state: 'running',
    health: 'none',
    ...network(project, service, name, address),
    exposed: onlyImage ? [...service.exposed, { port: UNKNOWN_PORT, protocol: 'tcp' }] : service.exposed,
    // The engine chooses those that are not said.
    published: service.published.map(({ hostPort, ...rest }) => ({ ...rest, hostPort: hostPort || UNKNOWN_PORT })),
  };
}

function nameOf(project: string, service: string, number: number): string {
  return `${project}-${service}-${number}`;
}

function network(
  project: string,
  { networks, networkMode }: ComposeService,
  name: string,
  address: (name: string) => string,
): Pick<Container, 'networkMode' | 'networks'> {
  const [, sharing] = /^service:(.+)$/.exec(networkMode ?? '') ?? [];
  if (sharing !== undefined) return { networkMode: `container:${idOf(project, sharing, 1)}`, networks: [] };
  if (networkMode === 'host' || networkMode === 'none') return { networkMode, networks: [] };
  // Of a container that is none of compose's nobody here knows the networks: one stands for them.
  const attached = networkMode === undefined ? networks : [networkMode];
  return { networkMode: 'bridge', networks: attached.map((each) => ({ name: each, ip: address(name) })) };
}

/** In the order of their numbers, too. */
function idOf(project: string, service: string, number: number): string {
  return `${project}/${service}/${String(number).padStart(4, '0')}`;
}
