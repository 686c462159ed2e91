import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandResult {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | NodeJS.Signals;
  /** What it wrote to stdout and stderr, its last 500 lines. */
  readonly output: string;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** 0, the default, is for ever. */
  readonly timeoutMs?: number;
  readonly onLine?: (line: string) => void;
  /** Ends the program with SIGTERM. */
  readonly signal?: AbortSignal | undefined;
}

const KEPT_LINES = 500;

/**
 * Runs a program to its end, without a shell and without input.
 * @throws Error whose message says why it could not be started ("does not exist", …); an AbortError where `signal` ended it
 */
export function runCommand(
  command: readonly [string, ...string[]],
  { env = process.env, timeoutMs = 0, onLine, signal }: CommandOptions = {},
): Promise<CommandResult> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        onLine?.(line);
      });
    }
    child.on('error', (error: NodeJS.ErrnoException) => reject(error.name === 'AbortError' ? error : new Error(startFault(error), { cause: error })));
    child.on('close', (code, endedBy) => resolve({ code: code ?? endedBy ?? 1, output: lines.join('\n') }));
  });
}

function startFault(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'does not exist (or was made for another system: its loader is missing)';
  if (error.code === 'EACCES') return 'must not be executed';
  if (error.code === 'ENOEXEC') return 'is no program for this machine';
  return `cannot be started (${error.code ?? error.message})`;
}
