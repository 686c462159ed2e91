import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** What users run: the single binary. `npm test` builds it before these tests; ENVOYAGE_TEST_BINARY names another one. */
export const BINARY = process.env.ENVOYAGE_TEST_BINARY ?? join(ROOT, 'dist/envoyage');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the binary to its end. */
export async function envoyage(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  return run(BINARY, args, env);
}

export async function run(program: string, args: readonly string[], env: Record<string, string> = {}, cwd = ROOT): Promise<Ran> {
  const child = spawn(program, args, { cwd, env: { ...cleanEnv(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** The environment without what would configure Envoyage, so that a developer's own settings change no test. */
export function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ENVOYAGE_')));
}

/** A folder that goes with the test. */
export function tempDir(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'envoyage-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface DaemonOptions {
  readonly dataDir: string;
  readonly httpPort?: number;
  readonly xdsPort?: number;
  /** `[GROUP=]HOST:PORT` */
  readonly listeners: readonly string[];
  /** Further flags of `serve`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A daemon of the test: the binary in a process of its own, on ports that it keeps over restarts. */
export class TestDaemon {
  readonly #options: DaemonOptions;
  readonly httpPort: number;
  readonly xdsPort: number;
  #child: ChildProcess | undefined;
  log = '';

  private constructor(options: DaemonOptions, httpPort: number, xdsPort: number) {
    this.#options = options;
    this.httpPort = httpPort;
    this.xdsPort = xdsPort;
  }

  static async create(options: DaemonOptions): Promise<TestDaemon> {
    return new TestDaemon(options, options.httpPort ?? (await freePort()), options.xdsPort ?? (await freePort()));
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  /** For CLI calls. */
  get env(): Record<string, string> {
    return { ENVOYAGE_SERVER: this.url };
  }

  async start(): Promise<void> {
    const { dataDir, listeners, flags = [], env = {} } = this.#options;
    const args = [
      'serve',
      '--http-address',
      `127.0.0.1:${this.httpPort}`,
      '--xds-address',
      `127.0.0.1:${this.xdsPort}`,
      '--data-dir',
      dataDir,
      '--log-format',
      'json',
    ];
    for (const listener of listeners) args.push('--listener', listener);
    args.push(...flags);
    const child = spawn(BINARY, args, { env: { ...cleanEnv(), ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    this.#child = child;
    await waitFor('the daemon to be ready', async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the daemon ended: ${this.log}`);
      return (await fetch(`${this.url}/readyz`).catch(() => undefined))?.ok;
    });
  }

  /** Ends it with the signal and waits until it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const gone = once(child, 'close');
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  /** Has it stop where it is, or go on. */
  freeze(frozen: boolean): void {
    this.#child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`);
    return (await response.json()) as T;
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  }

  /** A command of the CLI against this daemon. */
  cli(...args: string[]): Promise<Ran> {
    return envoyage(args, this.env);
  }
}
