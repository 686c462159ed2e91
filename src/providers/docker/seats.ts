import type { ClaimFault, Group } from './group.ts';
import type { RoutePlan } from './route-plan.ts';

interface Seat {
  readonly group: Group;
  /** Undefined for a service that takes what the routes of its host leave. */
  readonly route: RoutePlan | undefined;
}

/**
 * Which service gets the requests to a host that several want. The registry sees to hosts of services; that two routes ask for the very
 * same requests, or a route takes all of what another service has, nobody would ever be told. The first one that asks has it.
 */
export class Seats {
  readonly #taken = new Map<string, Seat[]>();
  readonly #hear: (fault: ClaimFault) => void;

  constructor(hear: (fault: ClaimFault) => void) {
    this.#hear = hear;
  }

  /** The host, where it is free. */
  ofService(group: Group): string | undefined {
    const { host } = group.ways;
    return host !== undefined && this.#take(host, { group, route: undefined }) ? host : undefined;
  }

  /** The hosts of a route that are free. */
  ofRoute(group: Group, route: RoutePlan): readonly string[] {
    return route.hosts.filter((host) => this.#take(host, { group, route }));
  }

  #take(host: string, seat: Seat): boolean {
    const place = `${host}\n${seat.route?.match === undefined ? '' : JSON.stringify(seat.route.match)}`;
    const others = this.#taken.get(place) ?? [];
    const owner = others.find((other) => excludes(other, seat));
    if (owner !== undefined) {
      // Who is about to go has nothing to mend.
      if (isLive(seat.group)) this.#hear(taken(host, seat, owner));
      return false;
    }
    others.push(seat);
    this.#taken.set(place, others);
    return true;
  }
}

function excludes(a: Seat, b: Seat): boolean {
  if (a.group === b.group || !overlap(a.group.claims[0]?.groups, b.group.claims[0]?.groups)) return false;
  if (a.route !== undefined && b.route !== undefined) return a.route.priority === b.route.priority && overlap(a.route.listeners, b.route.listeners);
  // Two services of one host are the registry's matter, but for one that only lingers: it gives way to who serves. A route for some
  // listeners leaves the others to the service.
  const route = a.route ?? b.route;
  if (route === undefined) return isServing(a.group) && !isLive(b.group);
  return route.listeners === undefined;
}

function isLive({ claims }: Group): boolean {
  return claims.some(({ phase }) => phase.live);
}

function isServing({ claims }: Group): boolean {
  return claims.some(({ phase }) => phase.live && phase.state !== 'held');
}

/** None at all means all. */
function overlap(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === undefined || b === undefined || a.some((each) => b.includes(each));
}

function taken(host: string, { group, route }: Seat, owner: Seat): ClaimFault {
  const [claim] = group.claims;
  const [elder] = owner.group.claims;
  if (claim === undefined || elder === undefined) throw new Error('a group without claims');
  const said = (route?.name === undefined ? undefined : claim.words.said(`route.${route.name}.host`)) ?? claim.words.said('host');
  const what = route?.match === undefined ? `requests to ${host}` : `requests to ${host} that look like this`;
  return {
    code: 'host-taken',
    label: said?.label,
    claim,
    message: `${what} belong to service "${owner.group.key}" already, of the container ${elder.container.name}, which is older`,
    hint: 'another host or path, a priority that says who is asked first, or other groups',
  };
}
