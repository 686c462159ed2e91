import { type Kind, kindOf, type Stored, titleOf } from '../model/kinds.ts';
import type { ProviderProblem, ProviderStatus } from '../model/provider-status.ts';
import type { Problem, Provider } from './provider.ts';
import type { Standing } from './standing.ts';

/**
 * A provider as people and their machines are shown it.
 * @param declared what the registry has of it
 * @param most how many problems
 */
export function statusOf({ name, source }: Provider, standing: Standing, declared: Iterable<Stored>, most: number): ProviderStatus {
  const { state, message, since, syncedAt, revision, parts, paused, counts, problems } = standing;
  const objects: Partial<Record<Kind, number>> = {};
  for (const object of declared) objects[kindOf(object)] = (objects[kindOf(object)] ?? 0) + 1;
  return {
    name,
    source,
    state,
    ...(message === undefined ? {} : { message }),
    since,
    ...(syncedAt === undefined ? {} : { syncedAt }),
    ...(revision === undefined ? {} : { revision }),
    objects,
    problems: problems.slice(0, most).map((problem) => shown(problem, name)),
    problemCount: problems.length,
    ...(parts === undefined
      ? {}
      : { parts: parts.map((part) => ({ name: part.name, state: part.state, ...(part.message === undefined ? {} : { message: part.message }) })) }),
    ...(paused === undefined ? {} : { paused: { by: paused.by, at: paused.at } }),
    counts: { ...counts },
  };
}

/** The same of a problem. @param provider its name */
export function shown({ code, key, origin, message, hint }: Problem, provider: string): ProviderProblem {
  return {
    code,
    ...(key === undefined ? {} : { object: `${key}@${provider}` }),
    ...(origin === undefined ? {} : { origin }),
    message: key === undefined || message.includes(titleOf(key)) ? message : `${titleOf(key)}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  };
}
