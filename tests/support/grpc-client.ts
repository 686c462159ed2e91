import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildGo } from './go.ts';
import type { TestDaemon } from './program.ts';
import { waitFor } from './wait.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../examples/grpc');

/** The examples' clients, by the library that they are made with, and what the daemon is to call them. */
export const GRPC_CLIENTS = [
  ['grpc-go', 'gRPC Go 1.85.0'],
  ['grpc-js', 'gRPC Node Pure JS 1.14.1'],
] as const;

export type GrpcLibrary = (typeof GRPC_CLIENTS)[number][0];

/** How to start each client. */
export type GrpcPrograms = Readonly<Record<GrpcLibrary, readonly [string, ...string[]]>>;

/** @param folder where what has to be built is put */
export async function grpcPrograms(folder: string): Promise<GrpcPrograms> {
  const go = join(folder, 'grpc-client');
  await buildGo('examples/grpc/go', go);
  return { 'grpc-go': [go], 'grpc-js': [process.execPath, join(EXAMPLES, 'node/client.mjs')] };
}

export interface GrpcClientOptions {
  readonly program: readonly [string, ...string[]];
  readonly daemon: TestDaemon;
  /** For its bootstrap. */
  readonly folder: string;
  readonly nodeId: string;
  readonly target: string;
  /** Further flags of `envoyage bootstrap`. */
  readonly flags?: readonly string[];
}

/** A client of `examples/grpc`, which calls `target` again and again and prints who answered, or why nobody did. */
export class GrpcClient {
  readonly #child: ChildProcess;
  /** One line a call, a name or `CODE: message`. */
  readonly lines: string[] = [];
  stderr = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** With the bootstrap that the daemon's own command prints. */
  static async start({ program, daemon, folder, nodeId, target, flags = [] }: GrpcClientOptions): Promise<GrpcClient> {
    const made = await daemon.cli('bootstrap', '--grpc', '--node-id', nodeId, ...flags);
    if (made.code !== 0) throw new Error(made.stderr);
    const file = join(folder, `${nodeId}.json`);
    writeFileSync(file, made.stdout);
    const [path, ...args] = program;
    return new GrpcClient(spawn(path, [...args, target], { env: { ...process.env, GRPC_XDS_BOOTSTRAP: file }, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** Waits until the calls that end from now on are answered by these alone, each of them. @returns all answers meanwhile */
  async answeredBy(...names: readonly string[]): Promise<readonly string[]> {
    const from = this.lines.length;
    await waitFor(`answers of ${names.join(' and ')}, not ${this.lines.at(-1)} (${this.stderr.slice(-300)})`, () => {
      const last = this.lines.slice(from).slice(-20);
      return last.length === 20 && last.every((line) => names.includes(line)) && names.every((name) => last.includes(name));
    });
    return this.lines.slice(from);
  }

  /** Waits until calls fail with this code. @returns the last call's words */
  async failsWith(code: RegExp): Promise<string> {
    const from = this.lines.length;
    await waitFor(`calls to fail with ${code}, not ${this.lines.at(-1)}`, () => {
      const last = this.lines.slice(from).slice(-10);
      return last.length === 10 && last.every((line) => code.test(line));
    });
    return this.lines.at(-1) ?? '';
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
