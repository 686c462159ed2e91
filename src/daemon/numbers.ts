import type { Numbers } from '../api/numbers.ts';
import type { Rollout } from '../rollout/rollout.ts';

/** The numbers of the rollout as the API's metrics ask for them. */
export function numbersOf(rollout: Rollout): Numbers {
  const { meters } = rollout;
  const { stages, commits, coalesced } = meters;
  return { groups: [...meters.groups()], states: rollout.census(), stages, commits, coalesced };
}
