import type { News } from '../api/events/hub.ts';
import type { FleetEvent, Rollout } from '../api/types.ts';

export interface Watched {
  progress(revision: number, wait: { timeout: number; signal: AbortSignal }): Promise<Rollout>;
}

type Live = News<Extract<FleetEvent, { event: 'live' }>>;

/** An Envoy that takes longer than this to answer is told of no more; milliseconds. */
const PATIENCE_MS = 600_000;

/** Tells when a revision has been answered by all; only the newest of those that go out meanwhile is followed. */
export class LiveWatch {
  readonly #rollout: Watched;
  readonly #tell: (news: Live) => void;
  #wanted: number | undefined;
  #current: AbortController | undefined;
  #closed = false;

  constructor(rollout: Watched, tell: (news: Live) => void) {
    this.#rollout = rollout;
    this.#tell = tell;
  }

  published(revision: number): void {
    this.#wanted = revision;
    if (this.#current === undefined && !this.#closed) void this.#follow();
  }

  close(): void {
    this.#closed = true;
    this.#current?.abort();
  }

  async #follow(): Promise<void> {
    const current = new AbortController();
    this.#current = current;
    while (this.#wanted !== undefined && !this.#closed) {
      const revision = this.#wanted;
      this.#wanted = undefined;
      const { state, nodes, acked, elapsedMs } = await this.#rollout.progress(revision, { timeout: PATIENCE_MS, signal: current.signal });
      if (this.#closed || state === 'pending') continue;
      this.#tell({ event: 'live', of: revision, state, nodes, acked, elapsedMs });
    }
    this.#current = undefined;
  }
}
