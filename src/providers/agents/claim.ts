import { EnvoyageError } from '../../lib/errors.ts';
import type { Agent } from './agent.ts';
import type { Speaker } from './message.ts';

type Known = Pick<Agent, 'name' | 'instance' | 'run' | 'sequence' | 'peer' | 'seen' | 'expires' | 'ended'>;

/**
 * Whether who speaks may speak for the name. A machine keeps its name while its lease runs; a newer process on the same machine
 * takes over from the one before, and what was said later is not replaced by what was said earlier.
 * @param sequence of what is said; undefined where nothing is
 * @throws EnvoyageError agent-conflict
 */
export function claim(known: Known, { instance, run, sequence }: Speaker & { readonly sequence: number | undefined }, now: number): void {
  if (known.ended !== undefined) return;
  const name = JSON.stringify(known.name);
  if (instance !== known.instance) {
    const left = Math.max(1, Math.ceil((known.expires - now) / 1000));
    throw new EnvoyageError(
      'agent-conflict',
      `another machine has the name ${name}: the one at ${known.peer}, instance ${known.instance}, whose lease runs for ${left} s more; this is instance ${instance}`,
      { hint: 'give this one a name of its own: envoyage agent --name NAME …; where it takes the place of the other, it gets the name when that lease ends' },
    );
  }
  if (run < known.run) {
    throw new EnvoyageError('agent-conflict', `an agent that was started later, at ${new Date(known.run).toISOString()}, speaks for ${name} on this machine`, {
      hint: 'end one of the two',
    });
  }
  if (run === known.run && sequence !== undefined && sequence < known.sequence) {
    throw new EnvoyageError('agent-conflict', `state ${sequence} of ${name} came after state ${known.sequence}, which is newer and stays`);
  }
}
