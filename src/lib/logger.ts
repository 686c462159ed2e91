import { type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `auto` is `pretty` on a terminal and `json` elsewhere. */
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Where log lines go; process.stderr is one. */
export interface LogStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface LoggerOptions {
  readonly level: LogLevel | 'silent';
  readonly format: LogFormat;
  /** process.stderr unless given: stdout belongs to what a command was asked for. */
  readonly stream?: LogStream;
  /** True on a terminal unless NO_COLOR is set. */
  readonly color?: boolean;
}

const SECRETS = ['token', 'authorization', 'Authorization', 'cookie', 'password'];

/** pino's paths have no "at any depth"; secrets lie in the object that is logged, in its headers, or in a request's headers. */
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * A logger that writes each line before its call returns, so that none is lost when the process ends. Nothing here uses
 * pino's transports: they are worker threads that load a file by its path, which a single binary does not have.
 */
export function createLogger({ level, format, stream = process.stderr, color }: LoggerOptions): Logger {
  const terminal = stream.isTTY === true;
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: '[redacted]' },
  };
  if (format === 'json' || (format === 'auto' && !terminal)) return pino(options, { write: (line: string) => void stream.write(line) });
  const toText = pretty.prettyFactory({
    colorize: color ?? (terminal && !process.env.NO_COLOR),
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  return pino(options, { write: (line: string) => void stream.write(toText(line)) });
}
