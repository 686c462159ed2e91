import type { News } from '../api/events/hub.ts';
import type { FleetEvent } from '../api/types.ts';
import type { ProviderStatus } from '../model/provider-status.ts';

export type ProviderNews = News<Extract<FleetEvent, { event: 'provider' }>>;

/** Of one provider nothing is told for so long after something was, milliseconds. */
const APART_MS = 1000;

/** Tells how providers stand when that is another than it was told last: of each once a second at most, then how it is by then. */
export class ProviderWatch {
  readonly #tell: (news: ProviderNews) => void;
  readonly #told = new Map<string, string>();
  readonly #quiet = new Map<string, { readonly timer: NodeJS.Timeout; newest?: ProviderStatus }>();

  constructor(tell: (news: ProviderNews) => void) {
    this.#tell = tell;
  }

  notice(status: ProviderStatus): void {
    // That it begins is no news; that it cannot, or that it could, is.
    if (status.state === 'starting' && !this.#told.has(status.name)) return;
    const quiet = this.#quiet.get(status.name);
    if (quiet === undefined) this.#say(status);
    else quiet.newest = status;
  }

  close(): void {
    for (const { timer } of this.#quiet.values()) clearTimeout(timer);
    this.#quiet.clear();
  }

  #say(status: ProviderStatus): void {
    const { name, state, message, problems, problemCount } = status;
    const standing = `${state} ${problemCount}`;
    if (this.#told.get(name) === standing) return;
    this.#told.set(name, standing);
    this.#quiet.set(name, { timer: setTimeout(() => this.#again(name), APART_MS) });
    this.#tell({ event: 'provider', name, state, ...(message === undefined ? {} : { message }), problems: problems.slice(0, 1), problemCount });
  }

  #again(name: string): void {
    const newest = this.#quiet.get(name)?.newest;
    this.#quiet.delete(name);
    if (newest !== undefined) this.#say(newest);
  }
}
