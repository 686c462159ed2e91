import { type Command, InvalidArgumentError } from 'commander';
import { createChanges, report, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { EXIT } from '../exit-codes.ts';
import { addWaitFlags, type WaitFlags } from '../input.ts';
import { painter, type Session } from '../io.ts';
import { describeResults, writeResults } from '../results-text.ts';

interface RollbackFlags extends ClientFlags, WaitFlags {
  readonly dryRun?: true;
}

export function readRevision(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be the number of a revision, as envoyage history shows it.');
  return Number(text);
}

export function define(command: Command, session: Session): void {
  command
    .argument('<revision>', 'its number, as envoyage history shows it', readRevision)
    .option('--dry-run', 'show what would change, and change nothing')
    .addHelpText('after', '\nExamples:\n  $ envoyage rollback 41 --dry-run\n  $ envoyage rollback 41');
  addClientFlags(addWaitFlags(command)).action(async (revision: number, flags: RollbackFlags) => {
    session.exitCode = await rollback(session, revision, flags);
  });
}

async function rollback({ io }: Session, revision: number, flags: RollbackFlags): Promise<number> {
  if (flags.dryRun) {
    const answer = await connect(flags, io).rollback(revision, true, undefined);
    if (flags.json) writeJson(io, answer);
    else {
      const { objectDiff } = await import('../object-diff.ts');
      io.stdout.write(objectDiff(answer.objects, painter(io.stdout, io.env)));
      io.stdout.write(`${describeResults(answer.objects)}${answer.changed ? `, if it were rolled back to revision ${revision}: nothing was changed` : ''}\n`);
    }
    return EXIT.ok;
  }
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.rollback(revision, false, wait),
    (done) => ({ what: `${done.changed ? `rolled back to revision ${revision}: ` : ''}${describeResults(done.objects)}`, kind: 'set', isIdle: !done.changed }),
  );
  if (flags.json) writeJson(io, answer);
  else {
    writeResults(io, answer.objects);
    report(io, outcome);
  }
  return outcome.exitCode;
}
