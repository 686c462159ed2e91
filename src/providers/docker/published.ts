import { formatHostPort, isLoopback } from '../../lib/address.ts';
import type { Container, EngineState } from './container.ts';
import { LabelError, shortList } from './label-fault.ts';

type Engine = Pick<EngineState, 'host' | 'address'>;

const ANYWHERE = ['', '0.0.0.0', '::'];

/**
 * Where the port of the container is published on its host. What all addresses reach goes before what one does.
 * @param prefix of the labels of the service
 * @throws LabelError address-unknown
 */
export function published(container: Container, port: number, prefix: string, engine: Engine): string {
  const bound = container.published
    .filter((each) => each.protocol === 'tcp' && each.port === port)
    .toSorted((a, b) => rank(a.hostIp) - rank(b.hostIp) || a.hostPort - b.hostPort);
  const best = bound[0];
  if (best === undefined) {
    const others = [...new Set(container.published.flatMap((each) => (each.protocol === 'tcp' ? [each.port] : [])))];
    const message = `port ${port} is not published on its host${others.length === 0 ? '' : `, only ${shortList(others)}`}`;
    throw new LabelError({
      code: 'address-unknown',
      message,
      hint: others.length === 0 ? `publish it: docker run -p ${port}, or ports in compose` : `${prefix}port=${others[0]}`,
    });
  }
  if (ANYWHERE.includes(best.hostIp)) return formatHostPort({ host: hostAddress(engine), port: best.hostPort });
  if (engine.host !== LOCAL && isLoopback(best.hostIp))
    throw new LabelError({
      code: 'address-unknown',
      message: `port ${port} is published on ${best.hostIp} alone, where no other host reaches it`,
      hint: `docker run -p ${port}, without an address`,
    });
  return formatHostPort({ host: best.hostIp, port: best.hostPort });
}

/** What any address reaches first, then addresses, IPv4 before IPv6. */
function rank(hostIp: string): number {
  if (ANYWHERE.includes(hostIp)) return 0;
  if (isLoopback(hostIp)) return 3;
  return hostIp.includes(':') ? 2 : 1;
}

/** What the engine of the daemon's own machine is called. */
export const LOCAL = 'local';

/** Where published ports of the engine are reached. @throws LabelError address-unknown */
export function hostAddress({ host, address }: Engine): string {
  if (address !== undefined) return address;
  if (host === LOCAL) return '127.0.0.1';
  throw new LabelError({
    code: 'address-unknown',
    message: `where other hosts reach the published ports of ${host} is not known`,
    hint: `envoyage.address=IP, or tell the agent of ${host} the address that it is to advertise`,
  });
}
