import type { Command } from 'commander';
import { createChanges, report, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import {
  addEnvoyFlag,
  addFileFlags,
  addPruneFlags,
  applyBody,
  type EnvoyFlag,
  type FileFlags,
  type PruneFlags,
  placed,
  pruneOf,
  readDeclared,
} from '../declared.ts';
import { EXIT } from '../exit-codes.ts';
import { addWaitFlags, type WaitFlags } from '../input.ts';
import type { Session } from '../io.ts';
import { describeResults, writeResults } from '../results-text.ts';
import { writeVerdicts } from '../verdicts-text.ts';

interface ApplyFlags extends ClientFlags, WaitFlags, FileFlags, PruneFlags, EnvoyFlag {
  readonly dryRun?: true;
}

export function define(command: Command, session: Session): void {
  addEnvoyFlag(addPruneFlags(addFileFlags(command)))
    .option('--dry-run', 'check everything and show what would change, and change nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  $ envoyage apply -f web.yaml\n  $ envoyage apply -f fleet/ --prune -l team=web\n  $ envoyage apply -f fleet/ --envoy\n  $ envoyage export | envoyage apply -f -',
    );
  addClientFlags(addWaitFlags(command)).action(async (flags: ApplyFlags) => {
    session.exitCode = await apply(session, flags);
  });
}

async function apply({ io }: Session, flags: ApplyFlags): Promise<number> {
  const prune = pruneOf(flags);
  const objects = await readDeclared(flags, io);
  const body = applyBody(objects, prune, flags.dryRun === true, flags.envoy);
  if (flags.dryRun) {
    const answer = await placed(objects, () => connect(flags, io).apply(body, undefined));
    if (flags.json) writeJson(io, answer);
    else {
      writeResults(io, answer.objects);
      writeVerdicts(io, answer.envoy);
      io.stdout.write(`${describeResults(answer.objects)}${answer.changed ? ', if it were applied: nothing was changed' : ''}\n`);
    }
    return EXIT.ok;
  }
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => placed(objects, () => client.apply(body, wait)),
    (applied) => ({ what: describeResults(applied.objects), kind: 'set', isIdle: !applied.changed }),
  );
  if (flags.json) writeJson(io, answer);
  else {
    writeResults(io, answer.objects);
    writeVerdicts(io, answer.envoy);
    report(io, outcome);
  }
  return outcome.exitCode;
}
