import type { EngineState } from './container.ts';
import type { EngineListener, EngineSource } from './engines.ts';

/** Where what an engine said last is kept. */
export interface EngineMemory {
  /** Undefined where nothing is. */
  load(): string | undefined;
  /** @throws EnvoyageError store-failed */
  save(body: string): void;
}

/** What is said is written down so often at most, milliseconds: it is needed only where the engine is away when the daemon starts. */
const SAVE_EVERY = 5000;

/**
 * The engine of this machine among those of others. Nothing is published before it has spoken, so what it said last speaks for it where
 * it cannot be reached when the daemon starts: else the containers of all other hosts would have to wait for it.
 */
export class RememberedEngine implements EngineSource {
  readonly #source: EngineSource;
  readonly #host: string;
  readonly #memory: EngineMemory;
  readonly #onError: (thrown: unknown) => void;
  #said: EngineState | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param source with one host @param onError it could not be read or written; what it says is told all the same */
  constructor(source: EngineSource, host: string, memory: EngineMemory, onError: (thrown: unknown) => void) {
    this.#source = source;
    this.#host = host;
    this.#memory = memory;
    this.#onError = onError;
  }

  get hosts(): Iterable<string> {
    return this.#source.hosts;
  }

  start(listener: EngineListener): void {
    this.#source.start({
      state: (engine) => {
        this.#said = engine;
        this.#timer ??= setTimeout(() => this.#save(), SAVE_EVERY);
        listener.state(engine);
      },
      gone: (host) => listener.gone(host),
      report: (host, health) => {
        listener.report(host, health);
        if (this.#said !== undefined || health.state !== 'down') return;
        this.#said = this.#remembered() ?? { host: this.#host, containers: [] };
        listener.state(this.#said);
      },
    });
  }

  resync(): void {
    this.#source.resync();
  }

  async stop(): Promise<void> {
    if (this.#timer !== undefined) this.#save();
    await this.#source.stop();
  }

  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      this.#memory.save(JSON.stringify(this.#said));
    } catch (thrown) {
      this.#onError(thrown);
    }
  }

  #remembered(): EngineState | undefined {
    try {
      const body = this.#memory.load();
      return body === undefined ? undefined : (JSON.parse(body) as EngineState);
    } catch (thrown) {
      this.#onError(thrown);
      return undefined;
    }
  }
}
