import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineAddress } from './address.ts';
import { backoffMs } from './backoff.ts';
import { connectEngine } from './client.ts';
import type { EngineListener, EngineSource } from './engines.ts';
import { faultOf } from './fault.ts';
import { Roster } from './roster.ts';
import { Session } from './session.ts';
import { Told } from './told.ts';

export interface WatcherOptions {
  /** What the engine's host is called: `local`, or an agent's name. */
  readonly host: string;
  readonly address: EngineAddress;
  /** Where others reach ports that are published on the host, for `envoyage.address=host`. */
  readonly published?: string | undefined;
  /** True where containers without a label of ours count, too. */
  readonly all?: boolean;
  /** Milliseconds between two comparisons with the engine's whole list. */
  readonly reconcile?: number;
  readonly now?: () => number;
}

/** A connection that lasted for so long was a good one, milliseconds: what breaks it is the first fault in a row. */
const STEADY = 10_000;

/** Watches one engine, and tells of its containers; what it knows stays while the engine is away. */
export class DockerWatcher implements EngineSource {
  readonly hosts: readonly string[];
  readonly #options: WatcherOptions;
  readonly #roster = new Roster();
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #told: Told | undefined;
  #session: Session | undefined;
  #retry: (() => void) | undefined;
  /** By the engine's clock: the last thing that it told. */
  #lastEvent: number | undefined;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.hosts = [options.host];
  }

  start(listener: EngineListener): void {
    const { host, published } = this.#options;
    const told = new Told(host, listener, () => ({ host, ...(published === undefined ? {} : { address: published }), containers: this.#roster.list() }));
    this.#told = told;
    this.#running = this.#run(told);
  }

  resync(): void {
    this.#session?.refresh();
    this.#retry?.();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#told?.close();
    await this.#running;
  }

  async #run(told: Told): Promise<void> {
    const { signal } = this.#stopped;
    for (let failures = 0; !signal.aborted; ) {
      const began = this.#now();
      try {
        await this.#connect(told);
      } catch (thrown) {
        const fault = faultOf(thrown);
        if (signal.aborted) return;
        if (fault.again) continue;
        failures = this.#now() - began > STEADY ? 1 : failures + 1;
        const wait = backoffMs(failures, Math.random());
        told.health({ state: 'down', message: `${fault.message}; tried again in ${seconds(wait)}` });
        await this.#pause(wait);
      } finally {
        this.#session = undefined;
      }
    }
  }

  async #connect(told: Told): Promise<never> {
    const { address, all = false, reconcile = 60_000 } = this.#options;
    const client = await connectEngine(address, this.#stopped.signal);
    const session = new Session({
      client,
      roster: this.#roster,
      all,
      reconcile,
      now: () => this.#now(),
      onChange: () => told.changed(),
      onSynced: (unread) => {
        told.whole();
        told.health(unread === undefined ? { state: 'ok' } : { state: 'degraded', message: unread });
      },
      onEvent: ({ at }) => {
        this.#lastEvent = Math.max(this.#lastEvent ?? 0, at);
      },
    });
    this.#session = session;
    // The engine's answers name whole seconds, and it begins to listen a moment after it says so: what it told twice does no harm.
    return session.run(this.#lastEvent ?? client.at - 1000, this.#stopped.signal);
  }

  async #pause(wait: number): Promise<void> {
    const cut = new AbortController();
    this.#retry = () => cut.abort();
    try {
      await sleep(wait, undefined, { signal: AbortSignal.any([cut.signal, this.#stopped.signal]) });
    } catch {
      // Asked to try now, or to stop.
    } finally {
      this.#retry = undefined;
    }
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
