import type { Health } from '../provider.ts';
import type { EngineState } from './container.ts';
import type { EngineListener } from './engines.ts';

/** A burst of changes is told of this often at most, milliseconds; the first at once. */
const APART = 20;

/** What a listener has been told of one host: nothing before all is known, then what changed, and nothing twice. */
export class Told {
  readonly #host: string;
  readonly #listener: EngineListener;
  readonly #state: () => EngineState;
  #isWhole = false;
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;
  #health = '';

  constructor(host: string, listener: EngineListener, state: () => EngineState) {
    this.#host = host;
    this.#listener = listener;
    this.#state = state;
  }

  changed(): void {
    if (!this.#isWhole) return;
    if (this.#timer === undefined) this.#tell();
    else this.#isDue = true;
  }

  /** All is known, maybe not for the first time: told though nothing seems to have changed. */
  whole(): void {
    this.#isWhole = true;
    this.changed();
  }

  health(health: Health): void {
    const text = JSON.stringify(health);
    if (text === this.#health) return;
    this.#health = text;
    this.#listener.report(this.#host, health);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#isWhole = false;
  }

  #tell(): void {
    this.#isDue = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isDue) this.#tell();
    }, APART);
    this.#listener.state(this.#state());
  }
}
