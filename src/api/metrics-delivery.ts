import type { Histogram } from '../lib/histogram.ts';
import type { FamilyOptions } from './metric-family.ts';
import type { GroupNumbers, Numbers, TypeNumbers } from './numbers.ts';

/** What was delivered since the start, and how long it took. */
export function deliveryMetrics(numbers: () => Numbers): FamilyOptions[] {
  const byType = (name: string, help: string, read: (numbers: TypeNumbers) => number): FamilyOptions => ({
    name,
    help,
    type: 'counter',
    *read() {
      for (const { group, types } of named(numbers())) for (const [type, each] of types) yield [{ group, type }, read(each)];
    },
  });
  const byGroup = (name: string, help: string, read: (group: GroupNumbers) => Histogram): FamilyOptions => ({
    name,
    help,
    type: 'histogram',
    *read() {
      for (const group of numbers().groups) yield [{ group: group.group }, read(group)];
    },
  });
  const total = (name: string, help: string, read: (numbers: Numbers) => number): FamilyOptions => ({
    name,
    help,
    type: 'counter',
    read: () => [[{}, read(numbers())]],
  });
  return [
    byType('envoyage_xds_responses_total', 'Discovery responses sent, by group and type.', ({ sent }) => sent),
    byType('envoyage_xds_acks_total', 'Responses that were acknowledged.', ({ acked }) => acked),
    byType('envoyage_xds_nacks_total', 'Responses that were refused.', ({ rejected }) => rejected),
    byType('envoyage_xds_sent_bytes_total', 'Bytes of discovery responses, before HTTP/2 and TLS.', ({ sentBytes }) => sentBytes),
    byType('envoyage_xds_received_bytes_total', 'Bytes of discovery requests, before HTTP/2 and TLS.', ({ receivedBytes }) => receivedBytes),
    byType('envoyage_xds_heartbeats_total', 'Heartbeats that keep what has a time to live; they are no responses.', ({ heartbeats }) => heartbeats),
    byGroup('envoyage_propagation_seconds', 'From an accepted change to the last answer of the Envoys that it goes to.', ({ lastAnswer }) => lastAnswer),
    byGroup('envoyage_propagation_first_seconds', 'From an accepted change to the first answer.', ({ firstAnswer }) => firstAnswer),
    {
      name: 'envoyage_stage_seconds',
      help: 'What a change takes by stage: commit, queue, publish, send, ack.',
      type: 'histogram',
      *read() {
        for (const [stage, histogram] of Object.entries(numbers().stages)) yield [{ stage }, histogram];
      },
    },
    total('envoyage_commits_total', 'Changes that were accepted.', ({ commits }) => commits),
    total('envoyage_commits_coalesced_total', 'Changes that went out together with an earlier one.', ({ coalesced }) => coalesced),
    {
      name: 'envoyage_xds_log_overruns_total',
      help: 'Streams that were ended because they fell too far behind.',
      type: 'counter',
      *read() {
        for (const { group, overruns } of numbers().groups) yield [{ group }, overruns];
      },
    },
  ];
}

function* named({ groups }: Numbers): Generator<{ group: string; types: Iterable<[string, TypeNumbers]> }> {
  for (const each of groups) yield { group: each.group, types: each.types() };
}
