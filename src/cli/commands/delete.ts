import type { Command } from 'commander';
import { createChanges, report, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { EXIT } from '../exit-codes.ts';
import { addWaitFlags, type WaitFlags } from '../input.ts';
import type { Session } from '../io.ts';
import { KIND_HELP, readKind } from '../kind-argument.ts';
import { bareName } from '../object-name.ts';
import { printable } from '../words.ts';

interface DeleteFlags extends ClientFlags, WaitFlags {
  readonly dryRun?: true;
}

export function define(command: Command, session: Session): void {
  command
    .argument('<kind>', `what it is: ${KIND_HELP}`)
    .argument('<name>', 'what it is called')
    .option('--dry-run', 'check whether it may go, and change nothing')
    .addHelpText('after', '\nExamples:\n  $ envoyage delete route api\n  $ envoyage delete service web --dry-run');
  addClientFlags(addWaitFlags(command)).action(async (kind: string, name: string, flags: DeleteFlags) => {
    session.exitCode = await remove(session, readKind(kind), bareName(name), flags);
  });
}

async function remove({ io }: Session, kind: string, name: string, flags: DeleteFlags): Promise<number> {
  const what = `${kind} ${printable(name)}`;
  if (flags.dryRun) {
    const answer = await connect(flags, io).deleteObject(kind, name, true, undefined);
    if (flags.json) writeJson(io, { ...answer, dryRun: true });
    else io.stdout.write(`${what} can be deleted: nothing was changed\n`);
    return EXIT.ok;
  }
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.deleteObject(kind, name, false, wait),
    () => ({ what: `${what} deleted`, kind: 'removed' }),
  );
  if (!flags.json) return report(io, outcome);
  writeJson(io, answer);
  return outcome.exitCode;
}
