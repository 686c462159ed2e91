import type { DeclaredState, Provider, Sink } from '../provider.ts';

/** The name of what is pushed under `name`, as a provider. */
export const providerOf = (name: string): string => `push-${name}`;

/** What was pushed under one name. */
export class PushProvider implements Provider {
  readonly name: string;
  #by: string;
  #state: DeclaredState;
  #sink: Sink | undefined;

  constructor(name: string, by: string, state: DeclaredState) {
    this.name = providerOf(name);
    this.#by = by;
    this.#state = state;
  }

  get source(): string {
    return `pushed by ${this.#by}`;
  }

  /** Replaces all of it; it is told with the next `resync`. */
  set(by: string, state: DeclaredState): void {
    this.#by = by;
    this.#state = state;
  }

  start(sink: Sink): void {
    this.#sink = sink;
    sink.publish(this.#state);
  }

  resync(): void {
    this.#sink?.publish(this.#state);
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
  }
}
