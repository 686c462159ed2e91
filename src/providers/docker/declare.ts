import type { DeclaredState } from '../provider.ts';
import { allot } from './allot.ts';
import { type Claim, type Hearer, readEngine } from './claim.ts';
import type { EngineState } from './container.ts';
import { type ClaimFault, groupOf, inPrecedence } from './group.ts';
import type { LabelProblem } from './label-fault.ts';
import type { LabelOptions } from './label-options.ts';
import { problemOf } from './people.ts';

export { LABEL_DEFAULTS, type LabelOptions } from './label-options.ts';

/** What was declared, and when time alone changes it. */
export interface Declared {
  readonly state: DeclaredState & { readonly problems: readonly LabelProblem[] };
  /** When to ask again though no container changed: something drained or lingered until then. */
  readonly next: Date | undefined;
}

/**
 * The services and routes of all labelled containers of all engines: one service for each identity, with the endpoints of all hosts.
 * The same input gives the same output, in the same order. What is wrong with one service is a problem, and touches no other.
 */
export function declareServices(engines: readonly EngineState[], options: LabelOptions, now: Date): Declared {
  const problems: LabelProblem[] = [];
  const claims = new Map<string, Claim[]>();
  let next = Number.POSITIVE_INFINITY;
  const hearer: Hearer = {
    claim: (claim) => {
      const known = claims.get(claim.id);
      if (known === undefined) claims.set(claim.id, [claim]);
      else known.push(claim);
    },
    fault: (host, container, fault, key) => {
      problems.push(problemOf(host, container, fault, key));
    },
    until: (time) => {
      next = Math.min(next, time);
    },
  };
  for (const engine of engines) readEngine(engine, options, now.getTime(), hearer);
  const hear = ({ claim, ...fault }: ClaimFault): void => hearer.fault(claim.host, claim.container, fault, claim.key);
  const objects = allot(
    [...claims.values()].flatMap((each) => groupOf(inPrecedence(each), hear) ?? []),
    hear,
  );
  return {
    state: { objects, problems: problems.toSorted(inOrder) },
    next: next === Number.POSITIVE_INFINITY ? undefined : new Date(next),
  };
}

function inOrder(a: LabelProblem, b: LabelProblem): number {
  const [one, two] = [sortKey(a), sortKey(b)];
  return one === two ? 0 : one < two ? -1 : 1;
}

function sortKey({ key = '', origin = '', code, message }: LabelProblem): string {
  return `${key}\n${origin}\n${code}\n${message}`;
}
