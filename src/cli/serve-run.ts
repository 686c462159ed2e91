import type { Command } from 'commander';
import { loadOptions } from '../config/load.ts';
import type { Options } from '../config/options.ts';
import { printJson, printYaml } from '../config/print.ts';
import { verifyOptions } from '../config/verify.ts';
import type { Daemon } from '../daemon/daemon.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import { type Io, painter } from './io.ts';
import { serveFlags } from './serve-flags.ts';
import { listenForStop, type Stop } from './stop.ts';

export interface Running {
  readonly options: Options;
  readonly daemon: Daemon;
  readonly logger: Logger;
  readonly stop: Stop;
}

/**
 * What `serve` and `up` share: reads and checks the options, starts the daemon, does `work`, and closes the daemon however
 * that ended. `--print-config` prints first and checks then, so that what is refused can be looked at.
 */
export async function runDaemon(
  io: Io,
  command: Command,
  flags: { printConfig?: true; json?: true },
  work: (running: Running) => Promise<void>,
): Promise<void> {
  const loaded = loadOptions({ flags: serveFlags(command), env: io.env, cwd: io.cwd, uid: io.uid });
  if (flags.printConfig) io.stdout.write(flags.json ? printJson(loaded) : printYaml(loaded));
  verifyOptions(loaded);
  if (flags.printConfig) return;
  const { options } = loaded;
  const color = painter(io.stderr, io.env)('red', '') !== '';
  const logger = createLogger({ level: options.logLevel, format: options.logFormat, stream: io.stderr, color });
  const stop = listenForStop(io);
  let exitCode = 1;
  try {
    const { startDaemon } = await import('../daemon/daemon.ts');
    const daemon = await startDaemon(options, logger);
    try {
      await work({ options, daemon, logger, stop });
    } finally {
      logger.info('shutting down');
      await daemon.close();
    }
    exitCode = 0;
  } finally {
    stop.done(exitCode);
  }
}
