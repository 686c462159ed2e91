import type { Rejection, Rollout } from '../api/types.ts';
import { describeEndpoint } from '../model/endpoint.ts';
import type { Service } from '../model/service.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { wrap } from './layout.ts';
import { count, duration, enumerate, part, printable } from './words.ts';

/** What was done, in the words that the sentence needs. */
export interface Deed {
  /** `web.example.com → web-b:5678`, `web.example.com removed`. */
  readonly what: string;
  readonly kind: 'set' | 'removed';
  readonly revision: number;
  /** Everything was so already, as of that revision. */
  readonly isIdle?: boolean;
  /** Where only some groups serve it. */
  readonly groups?: readonly string[] | undefined;
}

export interface Outcome {
  readonly text: string;
  readonly exitCode: ExitCode;
  readonly hint?: string;
}

const SEE_STATUS = 'envoyage status shows every Envoy';

/** `web.example.com → web-b:5678` */
export function describeService({ id, host = id, endpoints, groups }: Service): Omit<Deed, 'revision'> {
  return { what: printable(`${host} → ${enumerate(endpoints.map(describeEndpoint))}`), kind: 'set', groups };
}

/** How it ended, as a sentence and an exit code. `rollout` is undefined where nobody waited for the Envoys. */
export function outcome(deed: Deed, rollout: Rollout | undefined, width = 80): Outcome {
  const { what, kind, revision, isIdle = false } = deed;
  // Whoever has not got it yet is told of, whichever change it is of.
  if (isIdle && (rollout === undefined || rollout.state === 'live' || rollout.state === 'no-envoys')) return { text: what, exitCode: EXIT.ok };
  if (rollout === undefined) return { text: `${what}${kind === 'set' ? ', saved' : ''} as revision ${revision}`, exitCode: EXIT.ok };
  const reached = `${kind === 'set' ? 'live on' : 'gone from'} ${part(rollout.acked, rollout.nodes, 'Envoy')}`;
  switch (rollout.state) {
    case 'live':
      return { text: `${what}, ${reached} in ${duration(rollout.elapsedMs)}`, exitCode: EXIT.ok };
    case 'no-envoys':
      return { text: `${what}${noEnvoys(deed)}`, exitCode: EXIT.ok };
    case 'pending': {
      const awaited = Math.max(rollout.pending.length, rollout.nodes - rollout.acked - rollout.rejected.length);
      const names = `${printable(enumerate(rollout.pending, awaited))} ${awaited === 1 ? 'has' : 'have'} not answered yet`;
      const text = `${what}, ${reached} after ${duration(rollout.elapsedMs)}; ${names}`;
      if (rollout.rejected.length === 0) return { text, exitCode: EXIT.timeout, hint: `it is saved, and goes on by itself; ${SEE_STATUS}` };
      return { text: [text, ...rejections(rollout.rejected, width)].join('\n'), exitCode: EXIT.rejected, hint: SEE_STATUS };
    }
    case 'rejected': {
      const refused = rollout.nodes - rollout.acked;
      const text = `${what}, ${reached}; ${count(refused, 'Envoy')} rejected it:`;
      return {
        text: [text, ...rejections(rollout.rejected, width)].join('\n'),
        exitCode: EXIT.rejected,
        hint: `what an Envoy had before keeps serving; ${SEE_STATUS}`,
      };
    }
  }
}

function noEnvoys({ kind, groups }: Deed): string {
  if (kind === 'removed') return '; no Envoy that is connected had it';
  const of = groups === undefined ? '' : ` of ${groups.length === 1 ? 'group' : 'groups'} ${enumerate(groups)}`;
  const flag = groups === undefined ? '' : ` --group ${groups[0]}`;
  return `, saved; no Envoy${of} is connected yet (envoyage bootstrap${flag} shows how to join one)`;
}

/** Envoy's own words, wrapped below the node that said them. */
export function rejections(rejected: readonly Rejection[], width: number): string[] {
  return rejected.flatMap(({ node, type, message }) => [
    ...wrap(`${node} (${type})`, width - 2).map((line) => `  ${line}`),
    ...wrap(message, Math.max(20, width - 4)).map((line) => `    ${line}`),
  ]);
}
