import type { Command } from 'commander';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { addFileFlags, addPruneFlags, applyBody, type FileFlags, type PruneFlags, placed, pruneOf, readDeclared } from '../declared.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { painter, type Session } from '../io.ts';
import { objectDiff } from '../object-diff.ts';

type DiffFlags = ClientFlags & FileFlags & PruneFlags;

export function define(command: Command, session: Session): void {
  addPruneFlags(addFileFlags(command)).addHelpText(
    'after',
    '\nThe exit code is 1 where something would change, 0 where nothing would.\n\nExamples:\n  $ envoyage diff -f web.yaml\n  $ envoyage diff -f fleet/ --prune -l team=web',
  );
  addClientFlags(command).action(async (flags: DiffFlags) => {
    session.exitCode = await diff(session, flags);
  });
}

async function diff({ io }: Session, flags: DiffFlags): Promise<ExitCode> {
  const prune = pruneOf(flags);
  const objects = await readDeclared(flags, io);
  const answer = await placed(objects, () => connect(flags, io).apply(applyBody(objects, prune, true), undefined));
  if (flags.json) writeJson(io, answer);
  else io.stdout.write(objectDiff(answer.objects, painter(io.stdout, io.env)));
  return answer.changed ? EXIT.failed : EXIT.ok;
}
