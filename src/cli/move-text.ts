import type { NodeGroup } from '../api/types.ts';
import type { Placement } from '../model/placement.ts';
import { EXIT } from './exit-codes.ts';
import { type Outcome, rejections } from './outcome.ts';
import { duration, printable } from './words.ts';

const SEE_STATUS = 'envoyage status shows every Envoy';

/** How the move of an Envoy ended, or its undoing, as a sentence and an exit code. Without a rollout nobody waited for it. */
export function moveOutcome({ node, group, placement, rollout }: NodeGroup, width = 80): Outcome {
  const what = printable(group === null ? `${node} is not moved any more` : `${node} → group ${group}${why(placement)}`);
  switch (rollout?.state) {
    case undefined:
      return { text: `${what}, saved`, exitCode: EXIT.ok };
    case 'live':
      return { text: `${what}, live in ${duration(rollout.elapsedMs)}`, exitCode: EXIT.ok };
    case 'no-envoys':
      return { text: `${what}, saved; it is not connected now`, exitCode: EXIT.ok };
    case 'pending': {
      const hint = `it is saved, and goes on by itself; ${SEE_STATUS}`;
      return { text: `${what}, saved; it has not taken everything after ${duration(rollout.elapsedMs)}`, exitCode: EXIT.timeout, hint };
    }
    case 'rejected': {
      const text = [`${what}, saved; it rejected something that the group holds:`, ...rejections(rollout.rejected, width)].join('\n');
      return { text, exitCode: EXIT.rejected, hint: `what an Envoy had before keeps serving; ${SEE_STATUS}` };
    }
  }
}

/** Of one that nobody moved: where its group comes from. */
function why(placement: Placement | null): string {
  switch (placement?.from) {
    case 'rule':
      return ` (by the rule ${placement.rule})`;
    case 'cluster':
      return ' (by its node.cluster)';
    case 'default':
      return ' (it names none)';
    default:
      return '';
  }
}
