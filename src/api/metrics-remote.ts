import type { FamilyOptions, Point } from './metric-family.ts';
import type { ApiPorts } from './ports.ts';

/** Agents of other hosts, and what is pushed. */
export function remoteMetrics({ agents, push }: Pick<ApiPorts, 'agents' | 'push'>): FamilyOptions[] {
  const counter = (name: string, help: string, read: () => Point[]): FamilyOptions => ({ name, help, type: 'counter', read });
  const list = () => agents?.list() ?? [];
  return [
    { name: 'envoyage_pushes', help: 'Names under which something is pushed.', type: 'gauge', read: () => [[{}, push.list().length]] },
    counter('envoyage_pushes_total', 'Pushes that said something new.', () => [[{}, push.counts.pushed]]),
    counter('envoyage_pushes_renewed_total', 'Pushes of what was there, and renewals.', () => [[{}, push.counts.renewed]]),
    counter('envoyage_pushes_expired_total', 'Pushes whose time was over.', () => [[{}, push.counts.expired]]),
    {
      name: 'envoyage_agents',
      help: 'Agents of other hosts, by state.',
      type: 'gauge',
      read: () => {
        const counts = { alive: 0, lost: 0, left: 0 };
        for (const { state } of list()) counts[state]++;
        return Object.entries(counts).map(([state, count]): Point => [{ state }, count]);
      },
    },
    {
      name: 'envoyage_agent_lease_seconds',
      help: 'How long the lease of each agent runs; 0 and less where it ended.',
      type: 'gauge',
      read: () => list().map(({ name, leaseEndsAt }): Point => [{ agent: name }, (Date.parse(leaseEndsAt) - Date.now()) / 1000]),
    },
    {
      name: 'envoyage_agent_containers',
      help: 'Containers that each agent tells of.',
      type: 'gauge',
      read: () => list().map(({ name, containers }): Point => [{ agent: name }, containers]),
    },
    counter('envoyage_agent_reports_total', 'Whole states that agents sent.', () => [[{}, agents?.counts.reports ?? 0]]),
    counter('envoyage_agent_renewals_total', 'Leases that agents renewed.', () => [[{}, agents?.counts.renewals ?? 0]]),
    counter('envoyage_agent_leases_ended_total', 'Leases that ended, by themselves or by a goodbye.', () => [[{}, agents?.counts.ended ?? 0]]),
    counter('envoyage_agent_refused_total', 'What agents said and was refused: a name of another, or something older.', () => [
      [{}, agents?.counts.refused ?? 0],
    ]),
  ];
}
