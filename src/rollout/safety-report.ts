import type { Quarantined } from '../model/quarantined.ts';
import type { Fleet } from './fleet.ts';

/** An object that is parked, with where it was said. */
export interface QuarantineReport extends Omit<Quarantined, 'view'> {
  readonly origin?: string;
}

/** Nodes that get changes first, and what the others of the group wait for. */
export interface CanaryReport {
  readonly group: string;
  readonly nodes: readonly {
    readonly id: string;
    /** `stalled`: it did not answer in time, and the others went on without it. */
    readonly state: 'in-sync' | 'waiting' | 'stalled';
    /** RFC 3339, UTC: since when it is waited for, or was given up. */
    readonly since?: string;
  }[];
  /** Objects whose newest version the others do not have yet. */
  readonly waiting: number;
}

export interface SafetyReport {
  /** The oldest first. */
  readonly quarantined: readonly QuarantineReport[];
  readonly canaries: readonly CanaryReport[];
}

export function safetyReport(fleet: Fleet): SafetyReport {
  const quarantined = fleet.quarantined.map(({ view: _view, ...entry }) => {
    const origin = fleet.originOf(entry.key);
    return { ...entry, ...(origin === undefined ? {} : { origin }) };
  });
  const canaries: CanaryReport[] = [];
  for (const { group, canary, canaries: watched } of fleet.channels) {
    if (watched === undefined) continue;
    const late = new Set(watched.late(canary));
    const waitingSince = new Date(Date.now() - (performance.now() - watched.since)).toISOString();
    const nodes = new Set([...(canary?.streams ?? [])].map(({ node }) => node));
    canaries.push({
      group,
      waiting: watched.waiting,
      nodes: [...nodes].map((node) => {
        const stalledAt = watched.stalled.get(node.id);
        if (stalledAt !== undefined) return { id: node.id, state: 'stalled', since: stalledAt.toISOString() };
        return late.has(node) && watched.isWaiting ? { id: node.id, state: 'waiting', since: waitingSince } : { id: node.id, state: 'in-sync' };
      }),
    });
  }
  return { quarantined, canaries };
}
