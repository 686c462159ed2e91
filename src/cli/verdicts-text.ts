import type { EnvoyVerdict } from '../api/types.ts';
import type { Io } from './io.ts';
import { printable } from './words.ts';

/** What a real Envoy made of it, a line for each group. One that rejects is an error, and does not come here. */
export function writeVerdicts({ stdout }: Io, verdicts: readonly EnvoyVerdict[] = []): void {
  for (const { group, outcome, envoy = '', reason = '' } of verdicts) {
    stdout.write(printable(outcome === 'accepted' ? `group ${group}: accepted by Envoy ${envoy}\n` : `group ${group}: unknown: ${reason}\n`));
  }
}
