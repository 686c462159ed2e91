import { type RoutePlan, SCHEME_HEADER } from './route-plan.ts';

export interface RouteTo {
  readonly service: string;
  readonly weight: number;
}

/** What the route of a service is called. */
export function routeName(key: string, { name }: Pick<RoutePlan, 'name'>): string {
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
 * before the other. No name of a route has an underscore there.
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
    name: `${routeName(key, plan)}_https`,
    hosts,
    ...about(plan, groups),
    match: [{ ...plan.match, headers: { ...headers, [SCHEME_HEADER]: 'http' } }],
    redirect: 'https',
  };
}

function about({ listeners, priority }: RoutePlan, groups: readonly string[] | undefined): Readonly<Record<string, unknown>> {
  return { ...(listeners === undefined ? {} : { listeners }), ...(priority === 0 ? {} : { priority }), ...(groups === undefined ? {} : { groups }) };
}
