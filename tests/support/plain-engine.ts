import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { noPrivateEngine } from './docker.ts';
import { type Ran, run } from './program.ts';

const SCRIPTS = resolve(import.meta.dirname, '../docker');

/** What containers of a plain engine run: a Debian with nothing added. */
export const IMAGE = 'debian:bookworm-slim';

let count = 0;

/**
 * A Docker engine of our own in a network namespace of its own, up in some seconds. Containers outlive its crash.
 * @throws Error where none can be started, see `noPrivateEngine`
 */
export async function startPlainEngine(...flags: string[]): Promise<PlainEngine> {
  const reason = noPrivateEngine();
  if (reason !== undefined) throw new Error(reason);
  // A short path: the engine's sockets lie in it, and their names must fit into 108 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'evp-'));
  const netns = `evp${process.pid}-${++count}`;
  const child = spawn(join(SCRIPTS, 'engine'), [folder, netns, '--live-restore', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  return withImage(new PlainEngine(child, `${folder}/docker.sock`, netns));
}

/**
 * Podman, which speaks Docker's API, in the same way. It has no crash and no restart.
 * @throws Error where it cannot be started
 */
export async function startPodman(): Promise<PlainEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'evp-'));
  const netns = `evp${process.pid}-${++count}`;
  const child = spawn(join(SCRIPTS, 'podman'), [folder, netns], { stdio: ['ignore', 'pipe', 'inherit'] });
  return withImage(new PlainEngine(child, `${folder}/docker.sock`, netns));
}

async function withImage(engine: PlainEngine): Promise<PlainEngine> {
  try {
    await engine.ready();
    const made = await run(join(SCRIPTS, 'base-image'), [IMAGE], engine.env);
    if (made.code !== 0) throw new Error(`the image could not be made: ${made.stderr}`);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
  return engine;
}

export class PlainEngine {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly socket: string;
  readonly netns: string;

  constructor(child: ChildProcess, socket: string, netns: string) {
    this.#child = child;
    this.socket = socket;
    this.netns = netns;
    if (child.stdout === null) throw new Error('the engine has no output');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  get env(): Record<string, string> {
    return { DOCKER_HOST: `unix://${this.socket}`, DOCKER_TLS_VERIFY: '', DOCKER_CONTEXT: '' };
  }

  /** What the docker command prints. @throws Error with what it says where it fails */
  async docker(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run('docker', args, this.env);
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** Runs a program where the engine's networks are. */
  inside(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
    return run('nsenter', [`--net=/var/run/netns/${this.netns}`, program, ...args], { ...this.env, ...env });
  }

  /** Asks the engine itself, which is quicker than a program for each question. @throws Error where it refuses */
  api(method: string, path: string, body?: object): Promise<unknown> {
    return new Promise((done, fail) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const asked = request({ socketPath: this.socket, method, path, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => {
          if ((answer.statusCode ?? 500) < 300) done(text === '' ? undefined : JSON.parse(text));
          else fail(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        });
      });
      asked.on('error', fail).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Ends its process with no time for farewells, and resolves when nobody answers any more. */
  async crash(): Promise<void> {
    writeFileSync(join(dirname(this.socket), 'away'), '');
    process.kill(Number(readFileSync(join(dirname(this.socket), 'docker.pid'), 'utf8')), 'SIGKILL');
    await this.#says('away');
  }

  /** Starts it again after a crash. */
  async restart(): Promise<void> {
    rmSync(join(dirname(this.socket), 'away'));
    await this.ready();
  }

  ready(): Promise<void> {
    return this.#says('ready');
  }

  async #says(word: string): Promise<void> {
    const { value } = await this.#lines.next();
    if (value !== word) throw new Error(`the Docker engine is not ${word}, it says ${value}`);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await gone;
  }
}
