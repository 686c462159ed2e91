import type { Dump, DumpedResource } from '../api/types.ts';
import { type DumpedType, type HeldByType, heldIn } from './config-dump.ts';
import { differences, normal } from './json-difference.ts';

/** Something that an Envoy holds otherwise than the daemon has it. */
export interface Deviation {
  readonly type: DumpedType;
  readonly name: string;
  readonly what: 'missing' | 'extra' | 'differs';
  /** JSON pointers to what differs, the first ten. */
  readonly fields?: readonly string[];
  /** What Envoy says of a newer version. */
  readonly note?: string;
}

export interface Drift {
  readonly deviations: readonly Deviation[];
  /** How many resources were compared. */
  readonly compared: number;
  /** Type URLs of what the admin port does not show, with their numbers. */
  readonly skipped: Readonly<Record<string, number>>;
}

const TYPES: ReadonlyMap<string, DumpedType> = new Map([
  ['type.googleapis.com/envoy.config.cluster.v3.Cluster', 'cds'],
  ['type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment', 'eds'],
  ['type.googleapis.com/envoy.config.listener.v3.Listener', 'lds'],
  ['type.googleapis.com/envoy.config.route.v3.RouteConfiguration', 'rds'],
  ['type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', 'sds'],
]);

const MOST_FIELDS = 10;

type Json = Readonly<Record<string, unknown>>;

/**
 * What the daemon has for an Envoy against what the Envoy's admin port says.
 * @param configDump the answer of `/config_dump?include_eds`
 */
export function driftOf({ resources }: Dump, configDump: unknown): Drift {
  const theirs = heldIn(configDump);
  const ours = resources.map((each) => ({ ...each, short: TYPES.get(each.type), resource: object(normal(each.resource)) }));
  const known = ours.filter((each): each is typeof each & { short: DumpedType } => each.short !== undefined);
  // Where hosts come on demand, clusters do, too: one that nobody asked for is not missing, nor is what it refers to.
  const onDemand = ours.some(({ resource }) => resource['vhds'] !== undefined);
  const sent = new Set<DumpedType>(onDemand ? ['lds'] : ['lds', 'cds']);
  const isSent = ({ short, name }: { readonly short: DumpedType; readonly name: string }): boolean => sent.has(short) || theirs[short].has(name);
  const wanted = referredTo(known.filter((each) => each.short !== 'cds' || isSent(each)).map(({ resource }) => resource));
  const needed = known.filter((each) => isSent(each) || wanted.has(`${each.short} ${each.name}`));
  return {
    deviations: [...needed.flatMap((each) => compare(each.short, each, theirs)), ...extras(known, theirs)],
    compared: needed.length,
    skipped: countByType(ours.filter(({ short }) => short === undefined)),
  };
}

function compare(type: DumpedType, { name, resource }: Pick<DumpedResource, 'name' | 'resource'>, theirs: HeldByType): Deviation[] {
  const held = theirs[type].get(name);
  const note = held?.note === undefined ? {} : { note: held.note };
  if (held?.resource === undefined) return [{ type, name, what: 'missing', ...note }];
  const fields = type === 'eds' ? differences(endpointsOf(resource), endpointsOf(held.resource)) : differences(...comparable(resource, held.resource));
  return fields.length === 0 ? [] : [{ type, name, what: 'differs', fields: fields.slice(0, MOST_FIELDS), ...note }];
}

/** Envoy shows endpoints for every cluster, and those of one that should not be go with it. */
function extras(ours: readonly { readonly short: DumpedType; readonly name: string }[], theirs: HeldByType): Deviation[] {
  const names = new Set(ours.map(({ short, name }) => `${short} ${name}`));
  return (['cds', 'lds', 'rds', 'sds'] as const).flatMap((type) =>
    [...theirs[type].keys()].filter((name) => !names.has(`${type} ${name}`)).map((name): Deviation => ({ type, name, what: 'extra' })),
  );
}

/** Virtual hosts that come on demand are put into the table by Envoy itself. */
function comparable(ours: Json, theirs: Json): [Json, Json] {
  if (ours['vhds'] === undefined) return [ours, theirs];
  const { virtualHosts: _, ...table } = theirs;
  return [ours, table];
}

/** Where Envoy sends requests. The rest of its answer is what became of it: the health of each, what was left to defaults. */
function endpointsOf(assignment: Json): Json {
  const all = list(assignment['endpoints']).flatMap((locality) =>
    list(locality['lbEndpoints']).map((endpoint): [string, unknown] => {
      const { region = '', zone = '', subZone = '' } = object(locality['locality']);
      const place = { priority: locality['priority'] ?? 0, locality: [region, zone, subZone].join('/'), weight: endpoint['loadBalancingWeight'] ?? 1 };
      return [addressOf(object(endpoint['endpoint'])['address']), place];
    }),
  );
  return Object.fromEntries(all);
}

function addressOf(address: unknown): string {
  const { address: host, portValue } = object(object(address)['socketAddress']);
  return typeof host === 'string' ? `${host}:${String(portValue)}` : JSON.stringify(address);
}

/** What resources ask for, by type and name: endpoints, route tables, secrets. */
function referredTo(resources: readonly unknown[]): ReadonlySet<string> {
  const names = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const { edsClusterConfig, sdsConfig, routeConfigName, name } = value as Json;
    if (edsClusterConfig !== undefined) names.add(`eds ${String(object(edsClusterConfig)['serviceName'] ?? name)}`);
    if (sdsConfig !== undefined) names.add(`sds ${String(name)}`);
    if (typeof routeConfigName === 'string') names.add(`rds ${routeConfigName}`);
    Object.values(value).forEach(look);
  };
  resources.forEach(look);
  return names;
}

function countByType(resources: readonly DumpedResource[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
