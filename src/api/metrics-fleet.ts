import type { FamilyOptions, Point } from './metric-family.ts';
import type { GroupState, Numbers } from './numbers.ts';

/** What the fleet is at the moment. */
export function fleetMetrics(numbers: () => Numbers): FamilyOptions[] {
  const gauge = (name: string, help: string, read: (state: GroupState, group: string) => Iterable<Point>): FamilyOptions => ({
    name,
    help,
    type: 'gauge',
    *read() {
      for (const [group, state] of numbers().states) yield* read(state, group);
    },
  });
  return [
    gauge('envoyage_nodes', 'Envoys by group and state.', function* ({ nodes }, group) {
      for (const [state, count] of Object.entries(nodes)) yield [{ group, state }, count];
    }),
    {
      name: 'envoyage_xds_streams',
      help: 'Discovery streams that are open, by group, variant (delta, sotw) and service (ads, cds, …).',
      type: 'gauge',
      *read() {
        for (const { group, streams } of numbers().groups) {
          for (const { variant, service, count } of streams.values()) yield [{ group, variant, service }, count];
        }
      },
    },
    gauge('envoyage_xds_streams_behind', 'Streams that have not answered everything up to the newest publication.', function* ({ behind }, group) {
      yield [{ group }, behind];
    }),
    gauge('envoyage_xds_streams_blocked', 'Streams whose client does not read fast enough to be sent more.', function* ({ blocked }, group) {
      yield [{ group }, blocked];
    }),
    gauge('envoyage_xds_responses_in_flight', 'Responses that were sent and not answered yet.', function* ({ inFlight }, group) {
      yield [{ group }, inFlight];
    }),
    gauge('envoyage_publications_pending', 'Publications that some stream has not answered yet.', function* ({ pending }, group) {
      yield [{ group }, pending];
    }),
    gauge('envoyage_xds_rejections', 'Streams that refuse something at the moment, by type.', function* ({ standing }, group) {
      for (const [type, count] of Object.entries(standing)) yield [{ group, type }, count];
    }),
    gauge('envoyage_xds_resources', 'Resources that the Envoys of a group are to hold, by type and way of asking.', function* ({ resources }, group) {
      for (const [mode, types] of Object.entries(resources)) for (const [type, count] of Object.entries(types)) yield [{ group, mode, type }, count];
    }),
  ];
}
