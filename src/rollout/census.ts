import { KNOWN_TYPES, shortName } from '../xds/types.ts';
import type { ClientKind } from './client-kind.ts';
import type { Fleet } from './fleet.ts';
import { OTHERS } from './meters.ts';
import { type NodeReport, stateOf } from './report.ts';

/** What one group is at the moment. */
export interface GroupCensus {
  readonly nodes: Record<NodeReport['state'], number>;
  /** Streams that have not settled the newest publication. */
  behind: number;
  /** Streams whose transport wants no more at the moment. */
  blocked: number;
  /** Answers sent that were not answered yet. */
  inFlight: number;
  /** Publications that some stream has not settled. */
  pending: number;
  /** Changes that wait for the limit on publications, or for a search. */
  waiting: number;
  /** Objects whose newest version waits for the canaries. */
  held: number;
  /** Objects that are parked since they were refused. */
  quarantined: number;
  /** Streams that refuse something at the moment, by type. */
  readonly standing: Record<string, number>;
  /** What its clients are to hold, by type, apart for the ways of asking. */
  readonly resources: Record<ClientKind, Record<string, number>>;
}

/** By group, as {@link Meters} names it. */
export type Census = ReadonlyMap<string, GroupCensus>;

const TYPES = KNOWN_TYPES.map((type) => [type, shortName(type)] as const);
const SHORT_NAMES = new Map(TYPES);

/** Counts what is there: one step for each node, stream and view. */
export function census({ meters, channels, views, nodes, quarantined }: Fleet): Census {
  const groups = new Map<string, GroupCensus>();
  for (const { group } of meters.groups()) groups.set(group, newCensus());
  const at = (group: string): GroupCensus => {
    const label = meters.group(group).group;
    const known = groups.get(label) ?? newCensus();
    groups.set(label, known);
    return known;
  };
  for (const node of nodes.values()) at(node.group).nodes[stateOf(node)]++;
  for (const channel of channels) {
    const group = at(channel.group);
    group.waiting += channel.waiting;
    group.held += channel.canaries?.waiting ?? 0;
  }
  for (const { group } of quarantined) at(group).quarantined++;
  for (const { publications, streams, isSecond } of views) {
    const { view, pending } = publications;
    const group = at(view.group);
    group.pending += pending;
    const resources = group.resources[view.kind];
    // The canaries hold the same as the rest.
    for (const [type, name] of isSecond ? [] : TYPES) resources[name] = (resources[name] ?? 0) + view.store.resources(type).size;
    for (const stream of streams) {
      if (!stream.inSync) group.behind++;
      if (stream.isBlocked) group.blocked++;
      group.inFlight += stream.outstanding;
      for (const type of stream.rejections.keys()) {
        const name = SHORT_NAMES.get(type) ?? OTHERS;
        group.standing[name] = (group.standing[name] ?? 0) + 1;
      }
    }
  }
  return groups;
}

function newCensus(): GroupCensus {
  return {
    nodes: { 'in-sync': 0, behind: 0, rejected: 0, gone: 0 },
    behind: 0,
    blocked: 0,
    inFlight: 0,
    pending: 0,
    waiting: 0,
    held: 0,
    quarantined: 0,
    standing: Object.fromEntries(TYPES.map(([, name]) => [name, 0])),
    resources: { ads: {}, separate: {}, grpc: {} },
  };
}
