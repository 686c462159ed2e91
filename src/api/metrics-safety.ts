import type { FamilyOptions } from './metric-family.ts';
import type { GroupNumbers, GroupState, Numbers } from './numbers.ts';

/** What was refused, what waits, what was taken back. */
export function safetyMetrics(numbers: () => Numbers): FamilyOptions[] {
  const gauge = (name: string, help: string, read: (state: GroupState) => number): FamilyOptions => ({
    name,
    help,
    type: 'gauge',
    *read() {
      for (const [group, state] of numbers().states) yield [{ group }, read(state)];
    },
  });
  const counter = (name: string, help: string, read: (group: GroupNumbers) => number): FamilyOptions => ({
    name,
    help,
    type: 'counter',
    *read() {
      for (const group of numbers().groups) yield [{ group: group.group }, read(group)];
    },
  });
  return [
    gauge('envoyage_quarantined', 'Objects that are parked since Envoys refused them.', ({ quarantined }) => quarantined),
    counter('envoyage_quarantines_total', 'Objects that were parked since Envoys refused them.', ({ quarantined }) => quarantined),
    counter('envoyage_rollbacks_total', 'Revisions that too many Envoys refused.', ({ rollbacks }) => rollbacks),
    gauge('envoyage_canary_waiting', 'Objects whose newest version waits for the canaries of the group.', ({ held }) => held),
    counter('envoyage_canary_timeouts_total', 'Times that a group went on without canaries that did not answer.', ({ canaryTimeouts }) => canaryTimeouts),
    gauge('envoyage_push_waiting', 'Changes that wait for the limit on publications.', ({ waiting }) => waiting),
    {
      name: 'envoyage_push_wait_seconds',
      help: 'How long publications waited because of the limit; only of groups that have one.',
      type: 'histogram',
      *read() {
        for (const { group, pushWait } of numbers().groups) yield [{ group }, pushWait];
      },
    },
  ];
}
