import { CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { toError, writeError } from './failure.ts';
import type { Io, Session } from './io.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line, without the program's name.
 * @returns the exit code; nothing is thrown that a user could meet
 */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const session: Session = { io, exitCode: EXIT.ok };
  try {
    const program = await createProgram(session, argv);
    await program.parseAsync([...argv], { from: 'user' });
    return session.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return EXIT.ok;
      // No command was named: its help is on stderr already.
      if (thrown.code === 'commander.help') return EXIT.usage;
    }
    const error = toError(thrown);
    writeError(io, error, wantsJson(argv));
    return exitCodeOf(error);
  }
}

/** Asked of the words, since a command line that cannot be parsed is an error, too. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}
