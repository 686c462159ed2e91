import { EnvoyageError, type ErrorCode } from '../lib/errors.ts';
import type { Renewal, Speaker } from '../providers/agents/message.ts';
import type { Container, EngineState } from '../providers/docker/container.ts';
import type { EngineListener } from '../providers/docker/engines.ts';
import type { Health } from '../providers/provider.ts';
import type { Transport } from './transport.ts';

/** What comes so soon after what was sent waits, and goes out together, milliseconds: a stop is told at once, a burst in few words. */
const GATHER_MS = 100;

/** The first wait after something went wrong; it doubles up to the time between renewals. */
const FIRST_WAIT_MS = 500;

/** Faults after which it would say the same of a renewal. */
const UNHEARD: readonly ErrorCode[] = ['daemon-unreachable', 'unauthorized', 'host-not-allowed', 'agent-refused', 'agent-conflict'];

export interface LinkOptions extends Speaker {
  readonly version: string;
  readonly address?: string | undefined;
  /** Seconds. */
  readonly lease: number;
  /** Seconds between renewals. */
  readonly renew: number;
  readonly random?: () => number;
  /** What goes wrong, when it begins to and when it changes; undefined when all is well, for the first time or again. */
  onFault(fault: EnvoyageError | undefined): void;
  /** How the engine is, when that is another state than before. */
  onEngine?(health: Health): void;
}

/**
 * Keeps the daemon told of the newest state of an engine, and of nothing older: what could not be sent is forgotten as soon as there
 * is something newer. Where nothing is new it says as often as its lease needs that it is there.
 */
export class Link implements EngineListener {
  readonly #options: LinkOptions;
  readonly #transport: Transport;
  #containers: readonly Container[] | undefined;
  #text = '';
  /** Of the state above; it counts what differed. */
  #sequence = 0;
  /** What the daemon has. */
  #acked = 0;
  #engine: Health | undefined;
  /** What was wrong the last time; empty before the first. */
  #fault: string | undefined = '';
  #faults = 0;
  /** When a state was sent last, by the clock of `performance`. */
  #sentAt = Number.NEGATIVE_INFINITY;
  #wake = Promise.withResolvers<void>();

  constructor(options: LinkOptions, transport: Transport) {
    this.#options = options;
    this.#transport = transport;
  }

  state({ containers }: EngineState): void {
    const text = JSON.stringify(containers);
    this.#engine ??= { state: 'ok' };
    if (text !== this.#text) {
      this.#containers = containers;
      this.#text = text;
      this.#sequence++;
    }
    this.#wake.resolve();
  }

  /** An engine that is away leaves its containers as they were. */
  gone(): void {}

  report(_host: string, { state, message }: Health): void {
    const before = this.#engine?.state ?? 'ok';
    const isNews = state !== this.#engine?.state || message !== this.#engine.message;
    // How soon it is tried again differs each time; that alone is no news for people.
    if (state !== before) this.#options.onEngine?.({ state, message });
    this.#engine = { state, ...(message === undefined ? {} : { message: message.slice(0, 1000) }) };
    if (isNews) this.#wake.resolve();
  }

  /** Returns when `signal` fires; a request that is under way is waited for. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers();
      const wait = this.#engine === undefined ? undefined : await this.#speak(this.#engine);
      // Who has something to say waits a moment for more of it; who was turned away is not to be hurried by news.
      if (this.#faults > 0) await pause(wait, signal);
      else {
        await pause(wait, signal, this.#wake.promise);
        const early = GATHER_MS - (performance.now() - this.#sentAt);
        if (early > 0) await pause(early, signal);
      }
    }
  }

  /** Says goodbye. @throws EnvoyageError */
  leave(): Promise<void> {
    return this.#transport.leave(this.#options);
  }

  /** @returns how long to wait, milliseconds */
  async #speak(engine: Health): Promise<number> {
    const { renew, random = Math.random } = this.#options;
    try {
      const sequence = this.#sequence;
      if (this.#containers !== undefined && this.#acked !== sequence) await this.#send(this.#containers, sequence, engine);
      else if ((await this.#transport.renew(this.#renewal(engine, this.#acked))).state === 'wanted') {
        this.#acked = 0;
        if (this.#containers !== undefined) await this.#send(this.#containers, sequence, engine);
      }
      if (this.#fault !== undefined) this.#options.onFault(undefined);
      this.#fault = undefined;
      this.#faults = 0;
      return renew * 1000 * (0.9 + random() * 0.1);
    } catch (thrown) {
      const fault = EnvoyageError.from(thrown);
      if (fault.message !== this.#fault) this.#options.onFault(fault);
      this.#fault = fault.message;
      const most = Math.min(renew * 1000, FIRST_WAIT_MS * 2 ** this.#faults);
      this.#faults = Math.min(this.#faults + 1, 16);
      return most * (0.5 + random() * 0.5);
    }
  }

  async #send(containers: readonly Container[], sequence: number, engine: Health): Promise<void> {
    const { version, address } = this.#options;
    try {
      await this.#transport.put({ ...this.#renewal(engine, sequence), version, ...(address === undefined ? {} : { address }), containers });
    } catch (thrown) {
      // What the daemon cannot take is no reason for it to let go of what it took before.
      if (!UNHEARD.includes(EnvoyageError.from(thrown).code)) await this.#transport.renew(this.#renewal(engine, this.#acked));
      throw thrown;
    }
    this.#acked = sequence;
    this.#sentAt = performance.now();
  }

  #renewal(engine: Health, sequence: number): Renewal {
    const { instance, run, lease } = this.#options;
    return { instance, run, sequence, lease, engine };
  }
}

/**
 * @param ms for ever unless given
 * @param wake ends it early
 */
function pause(ms: number | undefined, signal: AbortSignal, wake?: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  void wake?.then(resolve);
  const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
  const stop = (): void => resolve();
  signal.addEventListener('abort', stop, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  });
}
