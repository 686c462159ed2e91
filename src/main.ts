import { runCli } from './cli/cli.ts';
import { systemCode } from './lib/errors.ts';

/** Whoever read our output may leave early, as `head` does; what is left to say is said to nobody. */
function ignoreClosedPipe(thrown: Error): void {
  if (systemCode(thrown) !== 'EPIPE') throw thrown;
}

process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedPipe);

runCli(process.argv.slice(2), {
  // Asked for only by who reads it: it keeps the process from ending.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  uid: process.getuid?.(),
  signals: process,
  exit: (code) => process.exit(code),
  now: () => Date.now(),
}).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (thrown: unknown) => {
    console.error(thrown);
    process.exitCode = 1;
  },
);
