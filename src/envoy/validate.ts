import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../proto/json.ts';
import { type CommandResult, runCommand } from './command.ts';
import { type FoundEnvoy, findEnvoy } from './find.ts';
import { rejection, type Verdict } from './verdict.ts';

export interface ValidatorOptions {
  /** Finds the Envoy to ask; one at hand, none is installed for this. */
  readonly find?: () => Promise<FoundEnvoy>;
  /** For one answer, milliseconds; a second and more for tens of thousands of resources. */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly lane: string | undefined;
  run(): Promise<void>;
  pass(reason: string): void;
}

/** As many answers are remembered. */
const MOST_KNOWN = 256;
/** As many may wait; each takes a core for a tenth of a second and more. */
const MOST_WAITING = 64;

/** Filters that Envoy runs the code of as soon as it reads them, here as whoever runs this. */
const RUNS_CODE = /\.(?:lua|wasm|golang|dynamic_modules)\./;

/**
 * Asks a real Envoy about configurations, by `envoy --mode validate`, which opens no port and dials nobody. One at a time,
 * since each takes a core; what was asked before is answered from memory.
 */
export class EnvoyValidator {
  readonly #find: () => Promise<FoundEnvoy>;
  readonly #timeoutMs: number;
  readonly #known = new Map<string, Promise<Verdict>>();
  readonly #waiting: Waiting[] = [];
  #running = false;
  #closed = false;
  readonly #closing = new AbortController();

  constructor({ find = () => findEnvoy({ install: false }), timeoutMs = 20_000 }: ValidatorOptions = {}) {
    this.#find = find;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Never throws: where nobody can say, the verdict says so.
   * @param bootstrap a whole one, in canonical JSON; see `staticBootstrap`
   * @param lane of those that wait in one lane only the newest is asked about, the others are passed over
   */
  validate(bootstrap: JsonObject, lane?: string): Promise<Verdict> {
    const text = JSON.stringify(bootstrap);
    const key = createHash('sha256').update(text).digest('base64');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const verdict = this.#ask(text, lane).then((found) => {
      // What is not known now may be next time.
      if (found.outcome === 'unknown') this.#known.delete(key);
      return found;
    });
    this.#known.set(key, verdict);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    return verdict;
  }

  /** Ends what runs; who waits is told that nobody can say. */
  close(): void {
    this.#closed = true;
    this.#closing.abort();
    for (const each of this.#waiting.splice(0)) each.pass('the daemon is stopping');
  }

  #ask(text: string, lane: string | undefined): Promise<Verdict> {
    const unknown = (reason: string): Verdict => ({ outcome: 'unknown', reason });
    if (this.#closed) return Promise.resolve(unknown('the daemon is stopping'));
    if (RUNS_CODE.test(text)) return Promise.resolve(unknown('it has Lua, Wasm or another module in it, which Envoy would run here'));
    if (this.#waiting.length >= MOST_WAITING) return Promise.resolve(unknown(`${MOST_WAITING} others are waiting for an answer`));
    return new Promise((resolve) => {
      const older = lane === undefined ? -1 : this.#waiting.findIndex((each) => each.lane === lane);
      if (older >= 0) this.#waiting.splice(older, 1)[0]?.pass('a newer one took its place');
      this.#waiting.push({
        lane,
        run: async () => resolve(await this.#run(text).catch((thrown: Error) => unknown(thrown.message))),
        pass: (reason) => resolve(unknown(reason)),
      });
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await next.run();
    this.#running = false;
  }

  async #run(text: string): Promise<Verdict> {
    const { path, version } = await this.#find();
    // Of mode 0700; what is in it may have keys.
    const folder = await mkdtemp(join(tmpdir(), 'envoyage-validate-'));
    try {
      const file = join(folder, 'bootstrap.json');
      await writeFile(file, text, { mode: 0o600 });
      return judge(await this.#command(path, file), version, this.#timeoutMs);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #command(path: string, file: string): Promise<CommandResult> {
    const { PATH = '', HOME = '', TMPDIR } = process.env;
    // Only what a wrapper may need: a configuration can refer to variables.
    const env = { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
    const args = ['--mode', 'validate', '--disable-hot-restart', '--concurrency', '1', '-c', file] as const;
    return runCommand([path, ...args], { env, timeoutMs: this.#timeoutMs, signal: this.#closing.signal });
  }
}

function judge({ code, output }: CommandResult, envoy: string, timeoutMs: number): Verdict {
  if (code === 0) return { outcome: 'accepted', envoy };
  if (code === 'SIGTERM') return { outcome: 'unknown', reason: `Envoy ${envoy} did not answer within ${timeoutMs / 1000} s` };
  // A crash is an answer: it would crash an Envoy of the fleet, too.
  return { outcome: 'rejected', envoy, ...(typeof code === 'string' ? { message: `Envoy ended by ${code}` } : rejection(output)) };
}
