import type { Command } from 'commander';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { addFileFlags, applyBody, type FileFlags, placed, readDeclared } from '../declared.ts';
import type { Session } from '../io.ts';
import { count } from '../words.ts';

export function define(command: Command, session: Session): void {
  addFileFlags(command).addHelpText(
    'after',
    '\nWithout --server no daemon is asked, and each object is checked by itself.\nWith it the daemon also says whether all that the objects refer to is there.\n\nExamples:\n  $ envoyage validate -f web.yaml\n  $ envoyage validate -f fleet/ --server http://127.0.0.1:8080',
  );
  addClientFlags(command).action(async (flags: ClientFlags & FileFlags) => {
    await validate(session, flags);
  });
}

async function validate({ io }: Session, flags: ClientFlags & FileFlags): Promise<void> {
  const objects = await readDeclared(flags, io);
  const { server } = flags;
  if (server !== undefined) await placed(objects, () => connect(flags, io).apply(applyBody(objects, undefined, true), undefined));
  if (flags.json) writeJson(io, { valid: true, objects: objects.length, checked: server === undefined ? 'alone' : 'with-daemon' });
  else
    io.stdout.write(
      `${count(objects.length, 'object')} ${objects.length === 1 ? 'is' : 'are'} valid${server === undefined ? '' : `, and fit what ${server} has`}\n`,
    );
}
