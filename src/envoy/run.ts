import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { runCommand } from './command.ts';
import { saysUp } from './log-line.ts';
import type { RunEnd } from './restart.ts';

/** With a log level that hides the line which says so, an Envoy that lives this long counts as up. */
const SURELY_UP_MS = 5_000;

/** One run of Envoy. */
export interface Run {
  /** Undefined where it could not even be started. */
  readonly pid: number | undefined;
  /** Settles when Envoy begins to work; never where it ends before. */
  readonly up: Promise<void>;
  readonly ended: Promise<RunEnd & { readonly how: string }>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

/** @param onLine what Envoy writes to stdout and stderr */
export function run(command: readonly string[], onLine: (line: string) => void): Run {
  const [program = '', ...args] = command;
  const began = performance.now();
  // A group of its own: Ctrl-C in a terminal is for us, who then end Envoy in good order.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let wasUp = false;
  const up = new Promise<void>((resolve) => {
    const isUp = () => {
      wasUp = true;
      resolve();
    };
    const timer = setTimeout(isUp, SURELY_UP_MS);
    child.once('close', () => clearTimeout(timer));
    child.once('error', () => clearTimeout(timer));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        onLine(line);
        if (!wasUp && saysUp(line)) isUp();
      });
    }
  });
  const ended = new Promise<RunEnd & { how: string }>((resolve) => {
    const end = (how: string) => resolve({ wasUp, aliveMs: performance.now() - began, how });
    child.once('error', (error) => child.pid === undefined && end(error.message));
    child.once('close', (code, signal) => end(signal ?? `exit code ${code ?? 'unknown'}`));
  });
  return { pid: child.pid, up, ended, signal: (name) => signal(child, name) };
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(name);
}

/**
 * What to put before a command so that the kernel ends it when we are gone, however we end: Node has no prctl(2), but
 * util-linux's setpriv does it on its way into the program. Empty where there is no such setpriv (macOS, BusyBox).
 */
export async function tether(): Promise<readonly string[]> {
  const prefix = ['setpriv', '--pdeathsig', 'TERM', '--'] as const;
  const works = await runCommand([...prefix, 'true']).catch(() => undefined);
  return works?.code === 0 ? prefix : [];
}
