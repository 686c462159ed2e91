import type { Command } from 'commander';
import type { WrittenRevision } from '../../api/types.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { createChanges, report, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags } from '../connect.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { writeError } from '../failure.ts';
import { addWaitFlags, readId, type WaitFlags } from '../input.ts';
import type { Session } from '../io.ts';

export function define(command: Command, session: Session): void {
  command
    .argument('<host...>', 'the hosts of the services, or their ids where they have some of their own')
    .addHelpText('after', '\nExamples:\n  $ envoyage remove web.example.com\n  $ envoyage remove a.example.com b.example.com --no-wait');
  addClientFlags(addWaitFlags(command)).action(async (hosts: string[], flags: ClientFlags & WaitFlags) => {
    session.exitCode = await remove(session, [...new Set(hosts.map(readId))], flags);
  });
}

/** One after the other, as rm does: one that fails keeps none of the others. The exit code is that of the first that went wrong. */
async function remove({ io }: Session, ids: readonly string[], flags: ClientFlags & WaitFlags): Promise<number> {
  const changes = createChanges(io, flags);
  const removed: ({ readonly id: string } & WrittenRevision)[] = [];
  let exitCode: number = EXIT.ok;
  for (const id of ids) {
    try {
      const { answer, outcome } = await changes.apply(
        (client, wait) => client.removeService(id, wait),
        () => ({ what: `${id} removed`, kind: 'removed' }),
      );
      removed.push({ id, ...answer });
      if (!flags.json) report(io, outcome);
      exitCode ||= outcome.exitCode;
    } catch (thrown) {
      const error = EnvoyageError.from(thrown);
      if (exitCodeOf(error) !== EXIT.conflict) throw thrown;
      writeError(io, error, flags.json === true);
      exitCode ||= EXIT.conflict;
    }
  }
  if (flags.json) writeJson(io, { removed });
  return exitCode;
}
