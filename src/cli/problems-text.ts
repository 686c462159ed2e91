import type { AutomaticRollback, Canary, CertificateStatus, Quarantined, SafetyState } from '../api/types.ts';
import { titleOf } from '../model/kinds.ts';
import type { Paint } from './io.ts';
import { wrap } from './layout.ts';
import { count, duration, enumerate, printable } from './words.ts';

export interface ProblemsView {
  readonly all: boolean;
  readonly width: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly paint: Paint;
}

/** As many of each sort are shown unless all are asked for. */
const MOST = 5;

/** What Envoys refused and what became of it, who is waited for, what was taken back, and bad certificates; no lines where there is nothing. */
export function problems({ quarantined, canaries, rollbacks }: SafetyState, view: ProblemsView, certificates: readonly CertificateStatus[] = []): string[] {
  const entries = [
    ...some(quarantined.map(parked), 'parked', view),
    ...canaries.flatMap(late),
    ...some(rollbacks.map(takenBack), 'rolled back', view),
    ...some(certificates.flatMap(bad), 'with bad certificates', view),
  ];
  if (entries.length === 0) return [];
  return [
    view.paint('red', 'Problems:'),
    ...entries.flatMap(({ what, words, at }) => [
      ...wrap(at === undefined ? what : `${what}, ${ago(at, view)} ago`, view.width - 4).map((line, i) => `${i === 0 ? '  ' : '    '}${line}`),
      ...(words === undefined ? [] : wrap(words, view.width - 6).map((line) => `      ${line}`)),
    ]),
  ];
}

interface Problem {
  readonly what: string;
  /** Of Envoy's own, or of who else found it. */
  readonly words?: string;
  /** RFC 3339 */
  readonly at?: string;
}

function some(all: readonly Problem[], what: string, view: ProblemsView): Problem[] {
  const shown = view.all ? all : all.slice(0, MOST);
  const more = all.length - shown.length;
  return more === 0 ? [...shown] : [...shown, { what: `and ${more} more ${what} (--all lists every one)` }];
}

function parked({ key, group, type, message, node, revision, good, since, origin }: Quarantined): Problem {
  const instead = good === null ? 'it is not served' : `revision ${good} of it is served`;
  const said = origin === undefined ? '' : ` (${origin})`;
  const what = `${titleOf(key)}${said} of revision ${revision} is parked in group ${group}: ${node} refused it (${type}); ${instead} until it changes`;
  return { what: printable(what), words: message, at: since };
}

function late({ group, nodes, waiting }: Canary): Problem[] {
  return nodes.flatMap(({ id, state, since }): Problem[] => {
    if (state === 'in-sync') return [];
    const at = since === undefined ? {} : { at: since };
    const rest =
      state === 'stalled'
        ? 'did not answer in time, the others go on without it'
        : `has not answered, ${count(waiting, 'change')} ${waiting === 1 ? 'waits' : 'wait'} for it`;
    return [{ what: printable(`${id}, the canary of group ${group}, ${rest}`), ...at }];
  });
}

function takenBack({ revision, by, fault, group, refused, nodes, message, at }: AutomaticRollback): Problem {
  const refusing = `${refused} of ${count(nodes, 'Envoy')} in group ${group} refused it`;
  const what =
    by === null ? `revision ${revision} could not be rolled back (${fault}); ${refusing}` : `revision ${revision} was rolled back by ${by}: ${refusing}`;
  return { what: printable(what), words: message, at };
}

function bad({ name, certFile, certificate, problem }: CertificateStatus): Problem[] {
  if (problem === undefined) return [];
  const from = certFile === undefined ? '' : ` (${certFile})`;
  const served = certificate === null ? 'it is not served' : `what is served ends ${certificate.notAfter.slice(0, 10)}`;
  return [{ what: printable(`certificate "${name}"${from} has a problem; ${served}`), words: problem }];
}

function ago(time: string, { now }: ProblemsView): string {
  return duration(Math.max(1000, now - Date.parse(time)));
}

/** Of `envoyage quarantine`, where there is nothing. */
export function nothingParked(groups: readonly string[]): string {
  return groups.length === 0 ? 'Nothing is parked.' : `Nothing is parked; groups with canaries: ${enumerate(groups)}`;
}
