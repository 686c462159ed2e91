import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EnvoyageError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { lastWords } from './log-line.ts';
import { type LogSink, logToFile, logToLogger } from './log-sink.ts';
import { afterRun, NO_RESTARTS } from './restart.ts';
import { type Run, run, tether } from './run.ts';

const KILL_AFTER_MS = 10_000;
const KEPT_LINES = 50;

export interface SuperviseOptions {
  /** Envoy's program, as `findEnvoy` found it. */
  readonly path: string;
  /** The bootstrap, YAML or JSON. */
  readonly bootstrap: string;
  /** Where what Envoy writes is appended; it goes to the logger (warnings at warn, the rest at debug) where none is given. */
  readonly logFile?: string;
  readonly logger: Logger;
  /** Further flags of Envoy's, as in `['--concurrency', '1']`. */
  readonly extraArgs?: readonly string[];
}

/** An Envoy that is kept running. */
export interface EnvoyProcess {
  /** Of the Envoy that runs now; undefined while none does. */
  readonly pid: number | undefined;
  /**
   * Settles when Envoy has begun to work, or `close` was called.
   * @throws EnvoyageError envoy-failed where it could not start three times in a row
   */
  start(): Promise<void>;
  /** Settles when no Envoy runs any more and none will be started: with an error where it was given up, without one after `close`. */
  readonly exited: Promise<EnvoyageError | undefined>;
  /** Ends Envoy: SIGTERM, and SIGKILL after 10 seconds. */
  close(): Promise<void>;
}

/**
 * Runs Envoy and starts it again when it ends, after one second first and up to thirty when it goes on ending. On Linux
 * it ends with us, even where we are killed with -9; where that cannot be had the log says so.
 */
export function superviseEnvoy(options: SuperviseOptions): EnvoyProcess {
  return new Supervisor(options);
}

class Supervisor implements EnvoyProcess {
  readonly exited: Promise<EnvoyageError | undefined>;
  readonly #options: SuperviseOptions;
  readonly #closing = new AbortController();
  #settle: (result: EnvoyageError | undefined) => void = () => undefined;
  #started: Promise<void> | undefined;
  #current: Run | undefined;

  constructor(options: SuperviseOptions) {
    this.#options = options;
    this.exited = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get pid(): number | undefined {
    return this.#current?.pid;
  }

  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#started === undefined) return this.#settle(undefined);
    this.#current?.signal('SIGTERM');
    const kill = setTimeout(() => this.#current?.signal('SIGKILL'), KILL_AFTER_MS);
    await this.exited;
    clearTimeout(kill);
  }

  async #start(): Promise<void> {
    const up = Promise.withResolvers<void>();
    this.#supervise(up.resolve).then(this.#settle, (thrown: unknown) => this.#settle(EnvoyageError.from(thrown)));
    const failure = await Promise.race([up.promise.then(() => undefined), this.exited]);
    if (failure !== undefined) throw failure;
  }

  async #supervise(onUp: () => void): Promise<EnvoyageError | undefined> {
    const { logger, logFile } = this.#options;
    const sink = logFile === undefined ? logToLogger(logger) : logToFile(logFile, logger);
    // Where we end without having been closed and nothing tethers Envoy to us.
    const endEnvoy = () => this.#current?.signal('SIGTERM');
    process.once('exit', endEnvoy);
    try {
      const prefix = await tether();
      if (prefix.length === 0) logger.info('Envoy goes on running should this process be killed: there is no setpriv to prevent it');
      return await this.#keepRunning(prefix, sink, onUp);
    } finally {
      process.off('exit', endEnvoy);
      await sink.close();
    }
  }

  async #keepRunning(prefix: readonly string[], sink: LogSink, onUp: () => void): Promise<EnvoyageError | undefined> {
    const { logger, logFile } = this.#options;
    const closing = this.#closing.signal;
    for (let state = NO_RESTARTS; !closing.aborted; ) {
      const { end, lines, pid } = await this.#runOnce(prefix, sink, onUp);
      if (closing.aborted) {
        logger.info({ envoyPid: pid, how: end.how }, 'Envoy has ended');
        break;
      }
      const words = lastWords(lines);
      const next = afterRun(state, end);
      state = next.state;
      if (next.giveUp) return givenUp(state.failedStarts, end.how, words, logFile);
      logger.warn({ envoyPid: pid, how: end.how, lastWords: words }, `Envoy ended, starting it again in ${state.backoffMs / 1000} s`);
      await delay(state.backoffMs, undefined, { signal: closing }).catch(() => undefined);
    }
    return undefined;
  }

  async #runOnce(prefix: readonly string[], sink: LogSink, onUp: () => void) {
    const { logger, path, bootstrap, extraArgs = [] } = this.#options;
    // For this user alone, and only until Envoy has read it: /tmp is cleaned of what has lain there for days.
    const folder = await mkdtemp(join(tmpdir(), 'envoyage-envoy-'));
    try {
      const file = join(folder, 'bootstrap.yaml');
      await writeFile(file, bootstrap, { mode: 0o600 });
      const lines: string[] = [];
      // Hot restart takes a shared memory region by number, which two Envoys on one machine would fight over.
      const current = run([...prefix, path, '--disable-hot-restart', '-c', file, ...extraArgs], (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        sink.write(line);
      });
      this.#current = current;
      if (this.#closing.signal.aborted) current.signal('SIGTERM');
      const { pid } = current;
      const ended = current.ended.then((end) => ({ end, lines, pid }));
      if (await Promise.race([current.up.then(() => true), ended.then(() => false)])) {
        await rm(folder, { recursive: true, force: true });
        logger.info({ envoyPid: pid, path }, 'Envoy runs');
        onUp();
      }
      return await ended;
    } finally {
      this.#current = undefined;
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function givenUp(failedStarts: number, how: string, words: readonly string[], logFile: string | undefined): EnvoyageError {
  const said = words.length === 0 ? 'it said nothing' : words.join('\n  ');
  const taken = words.some((line) => line.includes('Address already in use'));
  const hint = taken
    ? 'another process listens there: stop it, or give this Envoy another admin port'
    : `see ${logFile ?? 'the log with --log-level debug'} for everything that Envoy said`;
  return new EnvoyageError('envoy-failed', `Envoy ended ${failedStarts} times in a row before it was up (${how}): ${said}`, { hint });
}
