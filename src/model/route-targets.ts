import type { Route } from './route.ts';
import type { Service } from './service.ts';

/** A service that a group has, by its id. */
export type Resolve = (id: string) => Service | undefined;

export interface Target {
  readonly service: Service;
  readonly weight: number;
}

/**
 * Where a route leads in a group: those of its targets that the group has. None where no request would go to any of them,
 * which Envoy refuses to hear of.
 */
export function resolvedTargets({ to = [] }: Route, resolve: Resolve): readonly Target[] {
  const found = to.flatMap(({ service: id, weight = 1 }) => {
    const service = resolve(id);
    return service === undefined ? [] : [{ service, weight }];
  });
  return found.some(({ weight }) => weight > 0) ? found : [];
}
