import type { Flavour } from '../translator/config-source.ts';
import type { Client } from '../xds/server.ts';
import { VIRTUAL_HOST } from '../xds/types.ts';
import { type ClientKind, clientKind } from './client-kind.ts';

/** In which way a stream asks for what its group is to have. */
export interface Way {
  readonly kind: ClientKind;
  /** Hosts and their clusters are asked for one by one, hosts on this stream; undefined where everything is sent. */
  readonly hosts: Flavour | undefined;
}

/** Stands for every group where groups are listed. */
export const EVERY_GROUP = '*';

/** The oldest Envoy of which it is known that it asks for virtual hosts over ADS; 1.36 takes nothing but a stream for them alone. */
const HOSTS_OVER_ADS = [1, 40];

/**
 * Only an Envoy on incremental ADS can ask on demand: whoever else is in the group is sent everything.
 * @param onDemand the groups that do so
 */
export function wayOf(client: Client, group: string, onDemand: readonly string[]): Way {
  const kind = clientKind(client);
  const { userAgent, version } = client.node;
  if (!(onDemand.includes(group) || onDemand.includes(EVERY_GROUP)) || client.variant !== 'delta' || userAgent !== 'envoy') return { kind, hosts: undefined };
  // The stream for hosts belongs to the ADS stream that told the Envoy to open it.
  if (client.onlyType === VIRTUAL_HOST) return { kind: 'ads', hosts: 'separate' };
  if (client.onlyType !== undefined) return { kind, hosts: undefined };
  return { kind, hosts: atLeast(version, HOSTS_OVER_ADS) ? 'ads' : 'separate' };
}

/** What tells views of one group apart. */
export function wayKey({ kind, hosts }: Way): string {
  return hosts === undefined ? kind : `${kind}, hosts on demand over ${hosts}`;
}

function atLeast(version: string, [major = 0, minor = 0]: readonly number[]): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number);
  return first > major || (first === major && second >= minor);
}
