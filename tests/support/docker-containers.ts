import { createHash } from 'node:crypto';
import type { Container, EngineState, Port } from '../../src/providers/docker/container.ts';

/** A container as tests write it: what is left out is what most containers have. */
export interface ShortContainer extends Partial<Omit<Container, 'networks' | 'exposed' | 'published'>> {
  /** `shop/web` */
  readonly compose?: string;
  /** By network. */
  readonly networks?: Readonly<Record<string, string>>;
  /** `80`, `53/udp` */
  readonly exposed?: readonly (number | string)[];
  /** `0.0.0.0:8080:80` */
  readonly published?: readonly string[];
}

export interface ShortEngine {
  readonly host?: string;
  readonly address?: string;
  readonly containers: readonly ShortContainer[];
}

const port = (text: number | string): Port => {
  const [number = '', protocol = 'tcp'] = String(text).split('/');
  return { port: Number(number), protocol: protocol as Port['protocol'] };
};

export function containerOf({ compose, networks = { bridge: '172.17.0.2' }, exposed = [80], published = [], ...rest }: ShortContainer): Container {
  const name = rest.name ?? 'web';
  const [project, service] = compose?.split('/') ?? [];
  return {
    id: createHash('sha256').update(name).digest('hex'),
    createdAt: '2026-01-01T00:00:00Z',
    state: 'running',
    health: 'none',
    networkMode: 'bridge',
    ...rest,
    name,
    labels: {
      ...(project === undefined ? {} : { 'com.docker.compose.project': project, 'com.docker.compose.service': service ?? '' }),
      ...rest.labels,
    },
    networks: Object.entries(networks).map(([network, ip]) => ({ name: network, ...(ip.includes(':') ? { ipv6: ip } : { ip }) })),
    exposed: exposed.map(port),
    published: published.map((text) => {
      const [, hostIp = '', hostPort = '', inner = ''] = /^(.*):(\d+):([^:]+)$/.exec(text) ?? [];
      return { hostIp, hostPort: Number(hostPort), ...port(inner) };
    }),
  };
}

export function engineOf({ host = 'local', address, containers }: ShortEngine): EngineState {
  return { host, ...(address === undefined ? {} : { address }), containers: containers.map(containerOf) };
}
