import { styleText } from 'node:util';

/** A stream that text goes to; process.stdout and process.stderr are two. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Of the terminal. */
  readonly columns?: number | undefined;
}

export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/** All that a command knows of the world but the network and the files it is told about. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** What comes through a pipe; process.stdin is one. */
  readonly stdin?: AsyncIterable<string | Uint8Array> | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly uid: number | undefined;
  readonly signals: {
    on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
    off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  };
  /** Ends the process at once. */
  exit(code: number): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** One run of the program. Commands leave their exit code here. */
export interface Session {
  readonly io: Io;
  exitCode: number;
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;

/** Colours on a terminal that has them, unless NO_COLOR is set to anything (no-color.org). */
export function painter(output: Output, env: Io['env']): Paint {
  if (output.isTTY !== true || env.NO_COLOR || env.TERM === 'dumb') return plain;
  return (style, text) => styleText(style, text, { validateStream: false });
}
