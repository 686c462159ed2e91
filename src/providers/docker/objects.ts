import { MOST_ENDPOINTS } from '../../model/endpoint-schema.ts';
import type { Declaration } from '../provider.ts';
import type { Claim } from './claim.ts';
import { endpointsOf } from './endpoints.ts';
import { type ClaimFault, type Group, LABELS_OF } from './group.ts';
import { containerName, originOf } from './people.ts';
import { redirectObject, routeNames, routeObject } from './route-object.ts';
import type { Seats } from './seats.ts';
import { splitOf } from './versions.ts';
import type { Words } from './words.ts';

/** An object, and what it is sorted by. */
export interface Made {
  readonly sort: string;
  readonly declaration: Declaration;
}

export interface GroupObjects {
  /** The keys that its objects will have. */
  readonly names: readonly string[];
  /** Called once it is known that the names are free. */
  readonly objects: (seats: Seats) => readonly Made[];
}

/** All objects that a service becomes: a Service for each of its versions, and the Routes that lead there. */
export function objectsOf(group: Group, hear: (fault: ClaimFault) => void): GroupObjects {
  const { key, ways, fields, claims } = group;
  const { parts, faults } = splitOf(claims);
  const names = [...parts.map(({ suffix }) => key + suffix), ...ways.routes.flatMap((plan) => routeNames(key, plan))];
  const objects = (seats: Seats): readonly Made[] => {
    for (const fault of faults) hear(fault);
    const host = seats.ofService(group);
    const to = parts.filter(({ share }) => share > 0).map(({ suffix, share }) => ({ service: key + suffix, weight: share }));
    const services = parts.map(({ suffix, claims: some }): Made => {
      const object = { kind: 'Service', name: key + suffix, ...(host === undefined ? {} : { host }), ...fields, endpoints: bounded(some, hear) };
      return { sort: `0${key}${suffix}`, declaration: declaration(object, group, some) };
    });
    const groups = claims[0]?.groups;
    const routes = ways.routes.flatMap((plan): Made[] => {
      const hosts = seats.ofRoute(group, plan);
      if (hosts.length === 0) return [];
      const all = [routeObject(plan, hosts, key, groups, to), ...(plan.toHttps ? [redirectObject(plan, hosts, key, groups)] : [])];
      return all.map((object) => ({ sort: `1${String(object['name'])}`, declaration: declaration(object, group, claims.slice(0, 1), plan.name) }));
    });
    return [...services, ...routes];
  };
  return { names, objects };
}

function bounded(claims: readonly Claim[], hear: (fault: ClaimFault) => void): readonly unknown[] {
  const endpoints = endpointsOf(claims);
  const [claim] = claims;
  if (endpoints.length <= MOST_ENDPOINTS || claim === undefined) return endpoints;
  const message = `it has ${endpoints.length} endpoints, and a service may have ${MOST_ENDPOINTS}: the youngest are left out`;
  hear({ code: 'too-many-endpoints', claim, message, hint: 'several services that share the requests by split' });
  return endpoints.slice(0, MOST_ENDPOINTS);
}

/** By what the leading container says: what was declared last, so that what is the same is the same object, and is not read again. */
const LAST = new WeakMap<Words, Map<string, { readonly text: string; readonly declaration: Declaration }>>();

/** @param route the name of the further route that it is */
function declaration(object: Readonly<Record<string, unknown>>, { claims }: Group, by: readonly Claim[], route?: string): Declaration {
  const there = by.filter(({ phase }) => phase.state !== 'held');
  const origin = originOf((there.length > 0 ? there : by).map(({ container, host }) => containerName(container, host)));
  const [lead] = claims;
  if (lead === undefined) return { object, origin };
  const known = LAST.get(lead.words) ?? new Map<string, { readonly text: string; readonly declaration: Declaration }>();
  LAST.set(lead.words, known);
  const name = `${String(object['kind'])}/${String(object['name'])}`;
  const text = `${origin}\n${JSON.stringify(object)}`;
  const last = known.get(name);
  if (last?.text === text) return last.declaration;
  const made: Declaration = { object, origin, placeOf: (pointer) => placeIn(lead, pointer, route) };
  known.set(name, { text, declaration: made });
  return made;
}

/** The label that said a part of it. */
function placeIn({ container, host, words }: Claim, pointer: string, route: string | undefined): string | undefined {
  const [, about = []] = LABELS_OF.find(([start]) => pointer.startsWith(start)) ?? [];
  const said = (route === undefined ? undefined : words.anyOf(about.map((word) => `route.${route}.${word}`))) ?? words.anyOf(about);
  return said === undefined ? undefined : `container ${containerName(container, host)}, label ${said.label}`;
}
