import { EnvoyageError } from '../lib/errors.ts';
import type { Committed } from '../model/edit.ts';
import type { EnvoyCheckPort } from './ports.ts';
import type { EnvoyVerdict } from './types.ts';

/**
 * What a real Envoy makes of what would be committed; where none is at hand, the verdicts say so.
 * @throws EnvoyageError envoy-rejected
 */
export async function askEnvoy(check: EnvoyCheckPort, { changed, changes }: Committed): Promise<readonly EnvoyVerdict[]> {
  const verdicts = changed ? await check.changes(changes) : [];
  const refusals = verdicts.filter(({ outcome }) => outcome === 'rejected');
  const [first] = refusals;
  if (first === undefined) return verdicts;
  const groups = refusals.map(({ group }) => `"${group}"`).join(', ');
  const about = first.resource === undefined ? '' : ` (${first.resource})`;
  throw new EnvoyageError('envoy-rejected', `Envoy ${first.envoy ?? ''} refuses what group ${groups} would be sent${about}: ${first.message ?? ''}`, {
    hint: 'change what it names and try again; nothing was changed',
  });
}
