import type { ServerResponse } from 'node:http';

/** The requests that are being answered, so that closing can let them end. */
export class InFlight {
  readonly #responses = new Set<ServerResponse>();
  #onNone: (() => void) | undefined;

  add(response: ServerResponse): void {
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      if (this.#responses.size === 0) this.#onNone?.();
    });
  }

  /** Resolves once there are none, at the latest after `timeout` milliseconds. */
  ended(timeout: number): Promise<void> {
    if (this.#responses.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout);
      this.#onNone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
