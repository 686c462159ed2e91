import { isIP } from 'node:net';
import { formatHostPort } from '../../lib/address.ts';
import type { Container, EngineState } from './container.ts';
import { LabelError, shortList } from './label-fault.ts';
import { hostAddress, published } from './published.ts';

/** How one container is to be reached, as its labels and the options say. */
export interface Wanted {
  /** What the label says; the only one that is exposed unless given. */
  readonly port: number | undefined;
  /** `container`, `host`, or an IP address. */
  readonly address: string;
  /** What the label says. */
  readonly network: string | undefined;
  /** Of the options; passed over where the container is not attached to it. */
  readonly usualNetwork: string | undefined;
  /** Of compose: its networks are called `<project>_<network>`. */
  readonly project: string | undefined;
  /** `envoyage.web.`: what the labels of the service begin with. */
  readonly prefix: string;
}

/** The engine, and its containers by id and name, for those that share the network of another. */
export interface Surroundings {
  readonly engine: Pick<EngineState, 'host' | 'address'>;
  readonly container: (idOrName: string) => Container | undefined;
}

/**
 * Where Envoys reach the container, `10.0.0.1:80`. It never guesses.
 * @throws LabelError port-unknown, network-unknown, address-unknown
 */
export function reach(container: Container, wanted: Wanted, around: Surroundings): string {
  const port = portOf(container, wanted);
  if (isIP(wanted.address) !== 0) return formatHostPort({ host: wanted.address, port });
  if (container.networkMode === 'host') return formatHostPort({ host: hostAddress(around.engine), port });
  const inside = networkOwner(container, around);
  if (wanted.address === 'host') return published(inside, port, wanted.prefix, around.engine);
  return formatHostPort({ host: addressOf(inside, wanted), port });
}

function portOf({ exposed }: Container, { port, prefix }: Wanted): number {
  if (port !== undefined) return port;
  const ports = [...new Set(exposed.flatMap((each) => (each.protocol === 'tcp' ? [each.port] : [])))].toSorted((a, b) => a - b);
  const [only] = ports;
  if (only !== undefined && ports.length === 1) return only;
  const label = `${prefix}port`;
  if (only === undefined)
    throw new LabelError({
      code: 'port-unknown',
      message: 'which port it listens on is not known: it exposes no TCP port, and no label says one',
      hint: `${label}=8080`,
    });
  throw new LabelError({
    code: 'port-unknown',
    message: `it exposes the ports ${shortList(ports)}, and no label says which one is meant`,
    hint: `${label}=${only}`,
  });
}

/** The container whose network it is in. */
function networkOwner(container: Container, { container: find }: Surroundings): Container {
  const [, owner] = /^container:(.+)$/.exec(container.networkMode) ?? [];
  if (owner === undefined) return container;
  const found = find(owner);
  // One link is all that engines allow.
  if (found !== undefined && !found.networkMode.startsWith('container:')) return found;
  throw new LabelError({
    code: 'network-unknown',
    message: `it is in the network of the container ${owner.slice(0, 64)}, which is not there`,
    hint: 'start that container',
  });
}

function addressOf(container: Container, { network, usualNetwork, project }: Wanted): string {
  const attached = container.networks.flatMap(({ name, ip, ipv6 }) => {
    const address = ip || ipv6;
    return address === undefined || address === '' ? [] : [{ name, address }];
  });
  const named = (name: string): string | undefined =>
    (attached.find((each) => each.name === name) ?? attached.find((each) => project !== undefined && each.name === `${project}_${name}`))?.address;
  const names = shortList(attached.map(({ name }) => name).toSorted());
  const [only] = attached;
  if (network !== undefined) {
    const found = named(network);
    if (found !== undefined) return found;
    const message =
      only === undefined ? `it is not attached to the network ${network}, nor to any other` : `it is not attached to the network ${network}, but to ${names}`;
    throw new LabelError({
      code: 'network-unknown',
      label: 'envoyage.network',
      message,
      hint: only === undefined ? undefined : `envoyage.network=${only.name}`,
    });
  }
  const usual = usualNetwork === undefined ? undefined : named(usualNetwork);
  if (usual !== undefined) return usual;
  if (only === undefined)
    throw new LabelError({
      code: 'network-unknown',
      message: 'it is attached to no network, so that nobody reaches it',
      hint: 'attach it to the network of the Envoys',
    });
  if (attached.length === 1) return only.address;
  throw new LabelError({
    code: 'network-unknown',
    message: `it is attached to the networks ${names}, and no label says on which one Envoys reach it`,
    hint: `envoyage.network=${attached.map(({ name }) => name).toSorted()[0]}`,
  });
}
