import type { DeclaredState } from '../provider.ts';
import type { Claim } from './claim.ts';
import { readEngine } from './claim.ts';
import type { EngineState } from './container.ts';
import { compareClaims, type Group, groupOf, inPrecedence } from './group.ts';
import type { LabelProblem } from './label-fault.ts';
import type { LabelOptions } from './label-options.ts';
import { type Made, objectsOf } from './objects.ts';
import { containerName, problemOf } from './people.ts';
import { Seats } from './seats.ts';

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
  const hearer = {
    claim: (claim: Claim): void => {
      const known = claims.get(claim.id);
      if (known === undefined) claims.set(claim.id, [claim]);
      else known.push(claim);
    },
    fault: (host: string, container: EngineState['containers'][number], fault: Parameters<typeof problemOf>[2], key?: string): void => {
      problems.push(problemOf(host, container, fault, key));
    },
    until: (time: number): void => {
      next = Math.min(next, time);
    },
  };
  for (const engine of engines) readEngine(engine, options, now.getTime(), hearer);
  const groups = [...claims.values()].flatMap((each) => groupOf(inPrecedence(each), hearClaim) ?? []);
  const objects = made(groups.toSorted(byPrecedence));
  return {
    state: { objects, problems: problems.toSorted(inOrder) },
    next: next === Number.POSITIVE_INFINITY ? undefined : new Date(next),
  };

  function hearClaim({ claim, ...fault }: Parameters<Parameters<typeof groupOf>[1]>[0]): void {
    problems.push(problemOf(claim.host, claim.container, fault, claim.key));
  }

  /** Names belong to the first who has them, as requests do. */
  function made(sorted: readonly Group[]): DeclaredState['objects'] {
    const seats = new Seats(hearClaim);
    const owners = new Map<string, Group>();
    const all: Made[] = [];
    for (const group of sorted) {
      const [claim] = group.claims;
      const { names, objects } = objectsOf(group, hearClaim);
      const owner = names.map((name) => owners.get(name)).find((each) => each !== undefined);
      if (owner === undefined || claim === undefined) {
        for (const name of names) owners.set(name, group);
        all.push(...objects(seats));
      } else {
        const elder = owner.claims[0];
        const of = elder === undefined ? '' : `, of the container ${containerName(elder.container, elder.host)}`;
        hearClaim({
          claim,
          code: 'name-taken',
          message: `its name "${group.key}" belongs to another service${of}`,
          hint: 'envoyage.project=NAME, or a name for the service: envoyage.NAME.host',
        });
      }
    }
    return all.toSorted((a, b) => (a.sort < b.sort ? -1 : 1)).map(({ declaration }) => declaration);
  }
}

function byPrecedence(a: Group, b: Group): number {
  const [one] = a.claims;
  const [two] = b.claims;
  return (one === undefined || two === undefined ? 0 : compareClaims(one, two)) || (a.key < b.key ? -1 : 1);
}

function inOrder(a: LabelProblem, b: LabelProblem): number {
  const [one, two] = [sortKey(a), sortKey(b)];
  return one === two ? 0 : one < two ? -1 : 1;
}

function sortKey({ key = '', origin = '', code, message }: LabelProblem): string {
  return `${key}\n${origin}\n${code}\n${message}`;
}
