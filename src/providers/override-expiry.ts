import type { Override } from '../model/provider-status.ts';
import type { DeclaredObjects } from './declared-state.ts';

export interface OverrideExpiryOptions {
  readonly overrides: DeclaredObjects['overrides'];
  now(): Date;
  /** It has had its time, and is gone. */
  onEnded(override: Override): void;
  /** It could not be taken away; it is tried again. */
  onFault(service: string, thrown: unknown): void;
  /** It is time to look again. */
  onDue(): void;
}

/** Milliseconds. */
const RETRY = 5000;
/** What setTimeout takes, milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The end of overrides that were laid for a time. */
export class OverrideExpiry {
  readonly #options: OverrideExpiryOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OverrideExpiryOptions) {
    this.#options = options;
  }

  /** Overrides that have had their time go, and the next one is waited for. */
  look(): void {
    clearTimeout(this.#timer);
    const { overrides, now, onEnded, onFault, onDue } = this.#options;
    const time = now().toISOString();
    let next: string | undefined;
    const wait = (until: string): void => {
      next = next === undefined || until < next ? until : next;
    };
    for (const override of overrides.list()) {
      const { service, endpoint, until } = override;
      if (until === undefined) continue;
      if (until > time) wait(until);
      else {
        try {
          overrides.delete(service, endpoint);
          onEnded(override);
        } catch (thrown) {
          onFault(service, thrown);
          wait(new Date(now().getTime() + RETRY).toISOString());
        }
      }
    }
    if (next !== undefined) this.#timer = setTimeout(onDue, Math.min(new Date(next).getTime() - now().getTime() + 1, LONGEST_TIMER));
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
