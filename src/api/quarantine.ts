import { EnvoyageError } from '../lib/errors.ts';
import type { ApiPorts } from './ports.ts';
import { type Route, route } from './route.ts';
import { answers, quarantineQuery } from './schemas.ts';
import type { Quarantine, SafetyState } from './types.ts';

/** /api/v1/quarantine: what Envoys refused, what waits for whom, what was taken back. */
export function quarantineRoutes({ services, safety }: ApiPorts): Route[] {
  const now = (group: string | undefined): Quarantine => ({ ...within(safety.report(), group), revision: services.revision });
  return [
    route({
      method: 'GET',
      path: '/api/v1/quarantine',
      operation: 'getQuarantine',
      summary: 'The objects that Envoys refused and that are parked, the Envoys that get changes first, and revisions that were rolled back.',
      query: quarantineQuery,
      answers: { 200: { description: 'All of it, as it is now.', schema: answers.quarantine } },
      problems: [],
      handle: ({ query: { group } }) => ({ status: 200, body: now(group) }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/quarantine/{key}',
      operation: 'releaseQuarantined',
      summary: 'Has an object tried again that Envoys refused, though it has not changed.',
      query: quarantineQuery,
      answers: { 200: { description: 'It is sent again; where it is refused again, it is parked again.', schema: answers.quarantine } },
      problems: [404],
      handle: ({ params, query: { group }, author }) => {
        const key = params['key'] ?? '';
        if (!safety.release(key, group, author)) {
          const where = group === undefined ? '' : ` in group "${group.slice(0, 128)}"`;
          throw new EnvoyageError('object-not-found', `nothing called "${key.slice(0, 300)}" is parked${where}`, { hint: 'envoyage quarantine' });
        }
        return { status: 200, body: now(group) };
      },
    }),
  ];
}

/** The part of it that is about one group. */
export function within({ quarantined, canaries, rollbacks }: SafetyState, group: string | undefined): SafetyState {
  const here = (of: { readonly group: string }): boolean => group === undefined || of.group === group;
  return { quarantined: quarantined.filter(here), canaries: canaries.filter(here), rollbacks: rollbacks.filter(here) };
}
