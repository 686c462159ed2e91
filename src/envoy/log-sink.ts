import { createWriteStream, type WriteStream } from 'node:fs';
import type { Logger } from '../lib/logger.ts';
import { type LogLine, parseLogLine } from './log-line.ts';

/** Takes what Envoy writes, a line at a time. Losing a line is no reason to fail: nothing here throws. */
export interface LogSink {
  write(line: string): void;
  close(): Promise<void>;
}

/** Envoy's own warnings and errors as warnings, since what went wrong is Envoy's; all else is for those who debug. */
export function logToLogger(logger: Logger): LogSink {
  let last: LogLine | undefined;
  return {
    write(line) {
      const parsed = parseLogLine(line);
      last = parsed ?? last;
      const isWarning = last !== undefined && (last.level === 'warning' || last.level === 'error' || last.level === 'critical');
      logger[isWarning ? 'warn' : 'debug']({ component: last?.component }, parsed?.message ?? line);
    },
    close: () => Promise.resolve(),
  };
}

/** Appends to a file, as Envoy wrote it. Where the file cannot be written the logger says so, once. */
export function logToFile(file: string, logger: Logger): LogSink {
  const stream: WriteStream = createWriteStream(file, { flags: 'a', mode: 0o640 });
  stream.on('error', (error) => logger.warn({ file, reason: error.message }, "Envoy's log cannot be written, the rest of it is lost"));
  return {
    write(line) {
      if (stream.writable) stream.write(`${line}\n`);
    },
    close: () => new Promise((resolve) => (stream.destroyed ? resolve() : stream.end(resolve))),
  };
}
