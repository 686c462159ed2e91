import type { Health, Provider, Sink } from '../provider.ts';
import type { EngineState } from './container.ts';
import { declareServices, type LabelOptions } from './declare.ts';
import type { EngineListener, EngineSource } from './engines.ts';

export interface DockerProviderOptions {
  /** The engine of this machine, agents on others. */
  readonly sources: readonly EngineSource[];
  readonly labels: LabelOptions;
  /** What the sources read, for people. */
  readonly source?: string;
  readonly now?: () => Date;
  /** What makes services of containers, where it is another. */
  readonly declare?: typeof declareServices;
}

/** The longest that Node's timers wait, milliseconds; whoever looks too early looks again. */
const LONGEST_WAIT = 2 ** 31 - 1;
/**
 * For as long as it took to make what was published, and four times that, nothing more is: with thousands of containers that is
 * much work, and the daemon has others. What comes meanwhile is published together.
 */
const REST = 4;
const LONGEST_REST = 1000;
/** Time that passes changes things this often at most, milliseconds. */
const SHORTEST_WAIT = 20;

/** What the labels of containers say, on all hosts together: one service may have endpoints on several. */
export class DockerProvider implements Provider {
  readonly name = 'docker';
  readonly source: string;
  readonly #options: DockerProviderOptions;
  readonly #engines = new Map<string, EngineState>();
  readonly #health = new Map<string, Health>();
  /** Hosts that have not spoken yet: to publish without them would take away what they have. */
  readonly #awaited: Set<string>;
  /** When time alone changes something. */
  #timer: NodeJS.Timeout | undefined;
  /** When what has come is published. */
  #due: NodeJS.Timeout | undefined;
  /** By `performance.now`. */
  #notBefore = 0;
  #stopped: Promise<void> | undefined;

  constructor(options: DockerProviderOptions) {
    this.#options = options;
    this.source = options.source ?? 'docker';
    this.#awaited = new Set(options.sources.flatMap(({ hosts }) => [...hosts]));
  }

  start(sink: Sink): void {
    const publish = (): void => this.#publish(sink);
    // What comes in one turn is published together.
    const soon = (): void => {
      if (this.#stopped === undefined) this.#due ??= setTimeout(publish, Math.max(0, this.#notBefore - performance.now()));
    };
    const report = (): void => {
      if (this.#stopped === undefined) sink.report(this.#wholeHealth());
    };
    const listener: EngineListener = {
      state: (engine) => {
        this.#engines.set(engine.host, engine);
        this.#awaited.delete(engine.host);
        soon();
      },
      gone: (host) => {
        this.#engines.delete(host);
        this.#awaited.delete(host);
        this.#health.delete(host);
        report();
        soon();
      },
      report: (host, health) => {
        this.#health.set(host, health);
        report();
      },
    };
    for (const source of this.#options.sources) source.start(listener);
    // Nobody to wait for: then there is nothing, and that is known.
    soon();
  }

  resync(): void {
    for (const source of this.#options.sources) source.resync();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#due);
    await Promise.all(this.#options.sources.map((source) => source.stop()));
  }

  #publish(sink: Sink): void {
    clearTimeout(this.#due);
    this.#due = undefined;
    clearTimeout(this.#timer);
    if (this.#stopped !== undefined || this.#awaited.size > 0) return;
    const began = performance.now();
    const now = this.#options.now?.() ?? new Date();
    const engines = [...this.#engines.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
    const { declare = declareServices } = this.#options;
    const { state, next } = declare(engines, this.#options.labels, now);
    sink.publish(state);
    // Who publishes is well unless they say otherwise after that: what was known of a host that is away may be what time made of it.
    const health = this.#wholeHealth();
    if (health.state !== 'ok') sink.report(health);
    const ended = performance.now();
    this.#notBefore = ended + Math.min(REST * (ended - began), LONGEST_REST);
    if (next === undefined) return;
    const wait = Math.min(Math.max(next.getTime() - now.getTime(), SHORTEST_WAIT), LONGEST_WAIT);
    this.#timer = setTimeout(() => this.#publish(sink), wait);
  }

  /** With one host, that host's; with several, `down` where all of them are. */
  #wholeHealth(): Health {
    const parts = [...this.#health].map(([name, health]) => ({ name, ...health })).sort((a, b) => (a.name < b.name ? -1 : 1));
    const [first] = parts;
    if (first === undefined) return { state: 'ok' };
    const bad = parts.filter(({ state }) => state !== 'ok');
    const state = bad.length === 0 ? 'ok' : parts.every((part) => part.state === 'down') ? 'down' : 'degraded';
    const waiting = this.#awaited.size > 0 && bad.length > 0 ? `nothing is published before ${[...this.#awaited].join(', ')} has been read once` : '';
    const message = [...bad.map((part) => (parts.length === 1 ? part.message : `${part.name}: ${part.message ?? part.state}`)), waiting]
      .filter(Boolean)
      .join('; ');
    return { state, ...(message === '' ? {} : { message }), parts };
  }
}
