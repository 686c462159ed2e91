import type { Container } from '../docker/container.ts';

/** Milliseconds, by what a container's labels say. */
export interface Times {
  /** How long its endpoints drain. */
  drain(container: Container): number;
  /** How long it is remembered after that. */
  linger(container: Container): number;
}

/**
 * The containers of a host that nobody hears of any more: as if each had been sent a stop signal when that began, had died once
 * its time to drain was over, and was forgotten after its linger. They may well run on; who comes back says so.
 * @param at when it began, milliseconds since the epoch
 */
export function endedContainers(containers: readonly Container[], at: number, now: number, times: Times): Container[] {
  return containers.flatMap((container) => {
    if (container.state === 'created') return [];
    const ended = endedContainer(container, at, now, times);
    const goneAt = ended.exitedAt === undefined ? undefined : Date.parse(ended.exitedAt) + times.linger(container);
    return goneAt !== undefined && now >= goneAt ? [] : [ended];
  });
}

function endedContainer(container: Container, at: number, now: number, times: Times): Container {
  if (container.exitedAt !== undefined) return container;
  const since = container.stoppingSince ?? new Date(at).toISOString();
  const exit = Math.max(Date.parse(since), at) + times.drain(container);
  const stopping = { ...container, stoppingSince: since };
  return now < exit ? stopping : { ...stopping, state: 'exited', exitedAt: new Date(exit).toISOString() };
}
