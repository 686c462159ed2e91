import type { Declaration } from '../provider.ts';
import { type ClaimFault, compareClaims, type Group } from './group.ts';
import { type Made, objectsOf } from './objects.ts';
import { containerName } from './people.ts';
import { Seats } from './seats.ts';

/** The objects of all services, sorted. Names belong to the first who has them, as requests do; who comes too late hears of it. */
export function allot(groups: readonly Group[], hear: (fault: ClaimFault) => void): readonly Declaration[] {
  const seats = new Seats(hear);
  const owners = new Map<string, Group>();
  const all: Made[] = [];
  for (const group of groups.toSorted(byPrecedence)) {
    const { names, objects } = objectsOf(group, hear);
    const owner = names.map((name) => owners.get(name)).find((each) => each !== undefined);
    if (owner === undefined) {
      for (const name of names) owners.set(name, group);
      all.push(...objects(seats));
      continue;
    }
    const [claim] = group.claims;
    const [elder] = owner.claims;
    if (claim === undefined || elder === undefined) continue;
    hear({
      claim,
      code: 'name-taken',
      message: `its name "${group.key}" belongs to another service, of the container ${containerName(elder.container, elder.host)}`,
      hint: 'envoyage.project=NAME, or a name for the service: envoyage.NAME.host',
    });
  }
  return all.toSorted((a, b) => (a.sort < b.sort ? -1 : 1)).map(({ declaration }) => declaration);
}

function byPrecedence(a: Group, b: Group): number {
  const [one] = a.claims;
  const [two] = b.claims;
  return (one === undefined || two === undefined ? 0 : compareClaims(one, two)) || (a.key < b.key ? -1 : 1);
}
