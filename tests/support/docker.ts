import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { testEnvoy } from './envoys.ts';
import { type Ran, run } from './program.ts';

const SCRIPTS = resolve(import.meta.dirname, '../docker');

/** What a private engine needs; tests/docker/install knows the packages. */
const COMMANDS = ['dockerd', 'docker', 'docker-compose', 'iptables', 'debootstrap', 'ip', 'nsenter'];

/** A Docker engine with the images that docker-compose.yaml names within its reach. */
export interface Engine {
  /** Runs a program that speaks to the engine, and on whose loopback the engine publishes ports. */
  run(program: string, args: readonly string[], env?: Record<string, string>): Promise<Ran>;
  /** Its socket on this machine. */
  readonly socket: string;
  close(): Promise<void>;
}

/** Why no engine can be had here; undefined where one can. */
export function noEngine(): string | undefined {
  return answers() ? undefined : noPrivateEngine();
}

/** Why no engine of our own can be started here; undefined where it can. */
export function noPrivateEngine(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can start a Docker engine for the tests';
  const missing = COMMANDS.filter((command) => !succeeds('sh', ['-c', `command -v ${command}`]));
  return missing.length === 0 ? undefined : `to start a Docker engine, ${missing.join(', ')} would be needed: tests/docker/install, on Debian`;
}

/**
 * The engine that answers already, which pulls its images itself, or else one of our own with images made here.
 * @throws Error where neither is to be had
 */
export async function startEngine(): Promise<Engine> {
  const reason = noEngine();
  if (reason !== undefined) throw new Error(reason);
  return answers() ? { run, socket: '/var/run/docker.sock', close: async () => {} } : startPrivate();
}

async function startPrivate(): Promise<Engine> {
  // A short path: the engine's sockets lie in it, and their names must fit into 108 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'evy-'));
  const netns = `evy${process.pid}`;
  const engine = spawn(join(SCRIPTS, 'engine'), [folder, netns], { stdio: ['ignore', 'pipe', 'inherit'] });
  const close = () => end(engine);
  const docker = { DOCKER_HOST: `unix://${folder}/docker.sock` };
  try {
    const { value } = await createInterface({ input: engine.stdout })[Symbol.asyncIterator]().next();
    if (value !== 'ready') throw new Error('the Docker engine did not start');
    const made = await run(join(SCRIPTS, 'images'), [process.execPath, await testEnvoy('1.40.0')], docker);
    if (made.code !== 0) throw new Error(`the images could not be made: ${made.stderr}`);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    run: (program, args, env = {}) => run('nsenter', [`--net=/var/run/netns/${netns}`, program, ...args], { ...env, ...docker }),
    socket: `${folder}/docker.sock`,
    close,
  };
}

async function end(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return;
  const gone = once(engine, 'close');
  engine.kill('SIGTERM');
  await gone;
}

/** The words that compose begins with here: a plugin of docker, or a program. */
export function composeCommand(): readonly [program: string, ...args: string[]] {
  return succeeds('docker', ['compose', 'version']) ? ['docker', 'compose'] : ['docker-compose'];
}

function answers(): boolean {
  return succeeds('docker', ['version']) && (succeeds('docker', ['compose', 'version']) || succeeds('docker-compose', ['version']));
}

function succeeds(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}
