import type { ProviderStatus } from '../model/provider-status.ts';
import type { FamilyOptions, Point } from './metric-family.ts';
import type { ProvidersPort } from './ports.ts';

const STATES: readonly ProviderStatus['state'][] = ['starting', 'ok', 'degraded', 'down', 'paused'];

/** How each provider is, and what it did. */
export function providerMetrics({ list, overrides }: Pick<ProvidersPort, 'list' | 'overrides'>): FamilyOptions[] {
  const each = (type: 'gauge' | 'counter', name: string, help: string, read: (status: ProviderStatus) => Iterable<Point>): FamilyOptions => ({
    name: `envoyage_provider_${name}`,
    help,
    type,
    *read() {
      for (const status of list()) for (const [labels, value] of read(status)) yield [{ provider: status.name, ...labels }, value];
    },
  });
  const one = (type: 'gauge' | 'counter', name: string, help: string, read: (status: ProviderStatus) => number | undefined): FamilyOptions =>
    each(type, name, help, (status) => {
      const value = read(status);
      return value === undefined ? [] : [[{}, value]];
    });
  return [
    one('gauge', 'up', '1 where the source of a provider could be read when it was last tried, at least a part of it.', ({ state, syncedAt }) =>
      state === 'down' || (state === 'starting' && syncedAt === undefined) ? 0 : 1,
    ),
    each('gauge', 'state', '1 for the state that a provider is in, 0 for the others.', ({ state }) =>
      STATES.map((name): Point => [{ state: name }, name === state ? 1 : 0]),
    ),
    each('gauge', 'objects', 'Objects of a provider that are in force, by kind.', ({ objects }) =>
      Object.entries(objects).map(([kind, count]): Point => [{ kind }, count]),
    ),
    one(
      'gauge',
      'problems',
      'What is wrong with objects of a provider or with a part of its source; GET /api/v1/providers/discovery says what.',
      (status) => status.problemCount,
    ),
    one('gauge', 'last_sync_seconds', 'When a provider published last, seconds since the epoch.', ({ syncedAt }) =>
      syncedAt === undefined ? undefined : Date.parse(syncedAt) / 1000,
    ),
    one('counter', 'publishes_total', 'Times that a provider published its state.', ({ counts }) => counts.published),
    one('counter', 'changes_total', 'Times that what it published changed something.', ({ counts }) => counts.changed),
    one('counter', 'failures_total', 'Times that a provider could not read its source.', ({ counts }) => counts.failed),
    { name: 'envoyage_overrides', help: 'Overrides that people laid over objects of providers.', type: 'gauge', read: () => [[{}, overrides().length]] },
  ];
}
