import type { Fleet } from './fleet.ts';
import type { StreamRecord } from './node.ts';
import { outcome, type Target } from './progress.ts';

interface Waiter {
  readonly target: Target;
  readonly pending: Set<StreamRecord>;
  readonly finish: () => void;
}

/** Those who wait until a publication is answered by every stream it goes to. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /**
   * Resolves when every stream connected now has answered, at the latest after `timeout` milliseconds or when `signal` fires.
   */
  wait(fleet: Fleet, target: Target, timeout: number, signal?: AbortSignal): Promise<void> {
    const pending = new Set<StreamRecord>();
    for (const { publications, streams } of fleet.views) {
      const publication = target.get(publications);
      if (publication === undefined) continue;
      for (const stream of streams) if (outcome(stream, publication) === 'pending') pending.add(stream);
    }
    if (pending.size === 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#waiting.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const waiter: Waiter = { target, pending, finish };
      const timer = setTimeout(finish, timeout);
      signal?.addEventListener('abort', finish);
      this.#waiting.add(waiter);
    });
  }

  /** Something happened to the stream: it may have answered what somebody waits for, or be gone. */
  look(stream: StreamRecord, closed = false): void {
    for (const waiter of this.#waiting) {
      if (!waiter.pending.has(stream)) continue;
      const publication = waiter.target.get(stream.publications);
      if (!closed && publication !== undefined && outcome(stream, publication) === 'pending') continue;
      waiter.pending.delete(stream);
      if (waiter.pending.size === 0) waiter.finish();
    }
  }

  close(): void {
    for (const { finish } of this.#waiting) finish();
  }
}
