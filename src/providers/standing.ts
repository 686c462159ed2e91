import type { Pause, ProviderStatus } from '../model/provider-status.ts';
import type { Health, Problem } from './provider.ts';

/** How a provider stands: what it says of itself, and what became of what it said. */
export class Standing {
  readonly #now: () => Date;
  readonly #tell: (standing: Standing) => void;
  #health: Health | undefined;
  #problems: readonly Problem[] = [];
  #syncedAt: string | undefined;
  #told = '';
  state: ProviderStatus['state'] = 'starting';
  message: string | undefined;
  since: string;
  readonly counts = { published: 0, changed: 0, failed: 0 };
  paused: Pause | undefined;
  /** The revision that it made last. */
  revision: number | undefined;

  /** @param tell called when the state or its reason is another one */
  constructor(now: () => Date, tell: (standing: Standing) => void) {
    this.#now = now;
    this.#tell = tell;
    this.since = now().toISOString();
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get syncedAt(): string | undefined {
    return this.#syncedAt;
  }

  get parts(): Health['parts'] {
    return this.#health?.parts;
  }

  reported(health: Health): void {
    if (health.state !== 'ok' && (this.#health === undefined || this.#health.state === 'ok' || this.#health.message !== health.message)) this.counts.failed++;
    this.#health = health;
    this.look();
  }

  /** What it came to is not known yet: `applied`, or `look`. */
  published(): void {
    this.counts.published++;
    this.#syncedAt = this.#now().toISOString();
    // What was down can be read again, unless it says otherwise after this.
    if (this.#health?.state === 'down') this.#health = undefined;
  }

  /** What its objects came to. */
  applied(problems: readonly Problem[], revision: number | undefined): void {
    this.#problems = problems;
    if (revision !== undefined) {
      this.revision = revision;
      this.counts.changed++;
    }
    this.look();
  }

  look(): void {
    const state = this.#state();
    this.message = this.#message(state);
    if (state !== this.state) this.since = this.#now().toISOString();
    this.state = state;
    const told = `${state} ${this.#health?.state ?? 'ok'} ${this.#problems.length}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#tell(this);
  }

  #state(): ProviderStatus['state'] {
    if (this.paused !== undefined) return 'paused';
    if (this.#health?.state === 'down') return 'down';
    if (this.#syncedAt === undefined) return 'starting';
    return this.#health?.state === 'degraded' || this.#problems.length > 0 ? 'degraded' : 'ok';
  }

  #message(state: ProviderStatus['state']): string | undefined {
    if (state === 'paused') return `paused by ${this.paused?.by ?? 'somebody'}`;
    if (this.#health !== undefined && this.#health.state !== 'ok') return this.#health.message;
    const count = this.#problems.length;
    if (count > 0) return `${count} ${count === 1 ? 'problem' : 'problems'}; the first: ${this.#problems[0]?.message ?? ''}`;
    return undefined;
  }
}
