import { keyOf } from '../../src/model/kinds.ts';
import { parseWish } from '../../src/model/schemas.ts';
import type { DeclaredState, Health, Sink } from '../../src/providers/provider.ts';

/** Remembers what a provider tells it. */
export class RecordingSink implements Sink {
  readonly states: DeclaredState[] = [];
  readonly healths: Health[] = [];

  publish(state: DeclaredState): void {
    this.states.push(state);
    this.healths.push({ state: 'ok' });
  }

  report(health: Health): void {
    this.healths.push(health);
  }

  get health(): Health | undefined {
    return this.healths.at(-1);
  }

  /** What was published last, by key, with where it was said. */
  get objects(): Readonly<Record<string, string>> {
    return Object.fromEntries((this.states.at(-1)?.objects ?? []).map(({ object, origin }) => [keyOf(parseWish(object)), origin ?? '']));
  }

  get keys(): readonly string[] {
    return Object.keys(this.objects);
  }

  /** `origin: message` */
  get problems(): readonly string[] {
    return (this.states.at(-1)?.problems ?? []).map(({ origin, message }) => `${origin}: ${message}`);
  }

  /** The hosts of services published last. */
  get hosts(): readonly string[] {
    return (this.states.at(-1)?.objects ?? []).map(({ object }) => (object as { host: string }).host);
  }
}
