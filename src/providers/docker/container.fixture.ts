import type { Container } from './container.ts';

/** A container that runs, with nothing to say. */
export function container(name: string, more: Partial<Container> = {}): Container {
  return {
    id: name,
    name,
    createdAt: '2026-01-02T03:04:05Z',
    labels: {},
    state: 'running',
    health: 'none',
    networkMode: 'bridge',
    networks: [],
    exposed: [],
    published: [],
    ...more,
  };
}
