import { EnvoyageError } from '../../lib/errors.ts';
import { parseWish } from '../../model/schemas.ts';
import type { Claim } from './claim.ts';
import { LabelError, type LabelFault, shown } from './label-fault.ts';
import { routeObject } from './route-object.ts';
import { type Ways, waysOf } from './route-plan.ts';
import { upstreamFields } from './upstream-plan.ts';
import { type Said, sameValue, type Words } from './words.ts';

/** One service: all containers that claim it, and the one whose word counts. */
export interface Group {
  readonly key: string;
  /** In the order of their precedence; the first one says what the service is. */
  readonly claims: readonly Claim[];
  readonly ways: Ways;
  /** Of the Service, all but names and endpoints. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export type ClaimFault = LabelFault & { readonly claim: Claim };

/** Those that serve go before those that leave, which go before those that have left; the older first. */
export function inPrecedence(claims: readonly Claim[]): readonly Claim[] {
  return claims.toSorted(compareClaims);
}

export function compareClaims(a: Claim, b: Claim): number {
  return rank(a) - rank(b) || compare(a.container.createdAt, b.container.createdAt) || compare(a.host, b.host) || compare(a.container.id, b.container.id);
}

function rank({ phase: { live, state } }: Claim): number {
  if (live) return 0;
  return state === 'draining' ? 1 : 2;
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * The service of some claims. What cannot be as the oldest says it counts for nothing, and the next one is asked.
 * @param claims in the order of their precedence
 * @returns undefined where none of them says what can be
 */
export function groupOf(claims: readonly Claim[], hear: (fault: ClaimFault) => void): Group | undefined {
  const kept: Claim[] = [];
  const shared = claims.some(({ words }) => words.family('split.').length > 0);
  let made: Plan | undefined;
  for (const claim of claims) {
    const [first] = kept;
    if (first !== undefined) {
      kept.push(claim);
      if (claim.phase.live) contradictions(first, claim, hear);
      continue;
    }
    try {
      made = planOf(claim, shared);
      kept.push(claim);
    } catch (thrown) {
      if (!(thrown instanceof LabelError)) throw thrown;
      if (claim.phase.state !== 'held' || claim.phase.live) hear({ ...thrown.fault, claim });
    }
  }
  const [lead] = kept;
  return lead === undefined || made === undefined ? undefined : { key: lead.key, claims: kept, ...made };
}

type Plan = Pick<Group, 'ways' | 'fields'>;

/** By whether it is shared. The words of a container's labels stay the same object, and all that a plan is made of comes from its labels. */
const PLANS: readonly [WeakMap<Words, Plan>, WeakMap<Words, Plan>] = [new WeakMap(), new WeakMap()];

/** @throws LabelError as {@link judgedPlan} does */
function planOf(claim: Claim, shared: boolean): Plan {
  const plans = PLANS[shared ? 1 : 0];
  const plan = plans.get(claim.words) ?? judgedPlan(claim, shared);
  plans.set(claim.words, plan);
  return plan;
}

/** @throws LabelError of what its words cannot mean together, by the model's own judgement at last */
function judgedPlan(claim: Claim, shared: boolean): Plan {
  const { words, key, endpoint, groups } = claim;
  const ways = waysOf(words, shared);
  const fields = { ...upstreamFields(words), ...(groups === undefined ? {} : { groups }) };
  judged(claim, { kind: 'Service', name: key, ...fields, endpoints: [endpoint] });
  for (const route of ways.routes) judged(claim, routeObject(route, route.hosts, key, groups, [{ service: key, weight: 1 }]));
  return { ways, fields };
}

function judged({ words }: Claim, object: Readonly<Record<string, unknown>>): void {
  // Names and hosts are right by the way in which they are read; most services say the same otherwise, or nothing.
  const { name: _name, host: _host, hosts: _hosts, endpoints: _endpoints, to: _to, ...rest } = object;
  const shape = JSON.stringify(rest);
  if (FINE.has(shape)) return;
  try {
    parseWish(object);
    if (FINE.size >= MOST_FINE) FINE.clear();
    FINE.add(shape);
  } catch (thrown) {
    if (!(thrown instanceof EnvoyageError)) throw thrown;
    const [first] = thrown.errors;
    const said = LABELS_OF.find(([pointer]) => first?.field.startsWith(pointer));
    const label = said === undefined ? undefined : words.anyOf(said[1])?.label;
    throw new LabelError({ code: 'invalid-label', label, message: first?.message ?? thrown.message, hint: 'docs/docker.md says what each label takes' });
  }
}

/** What objects were found to say, all but names, hosts and where they lead. */
const FINE = new Set<string>();
const MOST_FINE = 10_000;

/** Which words become which part of an object. */
export const LABELS_OF: readonly (readonly [pointer: string, words: readonly string[]])[] = [
  ['/tls/sni', ['upstream.sni', 'upstream.tls', 'protocol']],
  ['/tls', ['upstream.ca', 'upstream.sni', 'upstream.tls', 'protocol']],
  ['/health', ['health.path', 'health.mode']],
  ['/balancer', ['slow_start', 'lb']],
  ['/protocol', ['protocol']],
  ['/listeners', ['listener']],
  ['/rewrite', ['path.rewrite', 'path.strip']],
  ['/match', ['path.regex', 'path.exact', 'path']],
  ['/retries', ['retry_on', 'retries']],
  ['/timeout', ['timeout']],
  ['/host', ['host']],
];

/** What the younger says otherwise. What it does not say is no contradiction, nor what is of an endpoint alone. */
function contradictions(lead: Claim, claim: Claim, hear: (fault: ClaimFault) => void): void {
  for (const [word, said] of claim.words.entries()) {
    if (OWN.has(word) || word.startsWith('split.')) continue;
    const elder = lead.words.said(word);
    if (elder !== undefined && sameValue(elder.value, said.value)) continue;
    hear({ ...conflict(said, elder, lead), claim });
  }
  const [ours, theirs] = [claim.groups?.join(','), lead.groups?.join(',')];
  if (ours !== undefined && ours !== theirs)
    hear({ ...conflict({ label: 'envoyage.groups', text: ours }, theirs === undefined ? undefined : { text: theirs }, lead), claim });
}

const OWN: ReadonlySet<string> = new Set(['port', 'weight', 'version']);

function conflict(said: Pick<Said, 'label' | 'text'>, elder: Pick<Said, 'text'> | undefined, { container }: Claim): LabelFault {
  const other = elder === undefined ? 'does not say it' : `says ${shown(elder.text)}`;
  return {
    code: 'label-conflict',
    label: said.label,
    message: `it says ${shown(said.text)}, and the container ${container.name}, which is older and serves the same, ${other}: the older one counts`,
    hint: 'have all containers of a service say the same; what is new comes into force when the old ones are gone',
  };
}
