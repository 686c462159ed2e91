import { SCHEME_HEADER } from './route-match.ts';
import type { RoutePlan } from './route-plan.ts';

export interface RouteTo {
  readonly service: string;
  readonly weight: number;
}

/** The keys of the Routes that a plan becomes. */
export function routeNames(key: string, plan: RoutePlan): readonly string[] {
  const name = `Route/${routeName(key, plan)}`;
  return plan.toHttps ? [name, name + HTTPS] : [name];
}

const HTTPS = '_https';

function routeName(key: string, { name }: Pick<RoutePlan, 'name'>): string {
  return name === undefined ? key : `${key}.${name}`;
}

/** The Route of a plan, as a document has it. @param hosts those that are free; @param key of the service */
export function routeObject(
  plan: RoutePlan,
  hosts: readonly string[],
  key: string,
  groups: readonly string[] | undefined,
  to: readonly RouteTo[],
): Readonly<Record<string, unknown>> {
  return {
    kind: 'Route',
    name: routeName(key, plan),
    hosts,
    ...about(plan, groups),
    ...(plan.match === undefined ? {} : { match: [plan.match] }),
    to: to.length === 1 ? to.map(({ service }) => ({ service })) : to,
    ...(plan.rewrite === undefined ? {} : { rewrite: plan.rewrite }),
    ...plan.forwarding,
  };
}

/**
 * The Route that sends the same requests to https where they come without TLS. It has one condition more, so it is asked
 * before the other.
 */
export function redirectObject(
  plan: RoutePlan,
  hosts: readonly string[],
  key: string,
  groups: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  const headers = (plan.match?.['headers'] ?? {}) as Readonly<Record<string, unknown>>;
  return {
    kind: 'Route',
    name: routeName(key, plan) + HTTPS,
    hosts,
    ...about(plan, groups),
    match: [{ ...plan.match, headers: { ...headers, [SCHEME_HEADER]: 'http' } }],
    redirect: 'https',
  };
}

function about({ listeners, priority }: RoutePlan, groups: readonly string[] | undefined): Readonly<Record<string, unknown>> {
  return { ...(listeners === undefined ? {} : { listeners }), ...(priority === 0 ? {} : { priority }), ...(groups === undefined ? {} : { groups }) };
}
