import type { Container } from './container.ts';
import { stateOf } from './facts.ts';
import { type Loose, list, loose, text } from './loose.ts';

/** How what is known of a container differs from an entry of the engine's list: in its `life`, which events tell, or in some `detail`. */
export function difference(known: Container | undefined, entry: Loose): 'life' | 'detail' | undefined {
  if (known === undefined || known.state !== stateOf({ Status: entry.State })) return 'life';
  const names = list(entry.Names);
  const networks = loose(loose(entry.NetworkSettings).Networks);
  const isSame =
    names.some((name) => name === `/${known.name}` || name === known.name) &&
    (known.state !== 'running' || known.health === listedHealth(entry)) &&
    known.networks.every(({ name, ip }) => (text(loose(networks[name]).IPAddress) || undefined) === ip) &&
    known.networks.length >= Object.keys(networks).filter((name) => name !== 'none' && name !== 'host').length;
  return isSame ? undefined : 'detail';
}

/** `Up 3 minutes (healthy)`, `Up 1 second (health: starting)`. */
function listedHealth({ Status }: Loose): Container['health'] {
  const [, health] = /\((?:health: )?(starting|healthy|unhealthy)\)$/.exec(text(Status) ?? '') ?? [];
  return (health as Container['health'] | undefined) ?? 'none';
}
