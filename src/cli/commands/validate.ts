import type { Command } from 'commander';
import { EnvoyageError } from '../../lib/errors.ts';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { addEnvoyFlag, addFileFlags, applyBody, type EnvoyFlag, type FileFlags, placed, readDeclared } from '../declared.ts';
import type { Session } from '../io.ts';
import { writeVerdicts } from '../verdicts-text.ts';
import { count } from '../words.ts';

type ValidateFlags = ClientFlags & FileFlags & EnvoyFlag;

export function define(command: Command, session: Session): void {
  addEnvoyFlag(addFileFlags(command)).addHelpText(
    'after',
    '\nWithout --server no daemon is asked, and each object is checked by itself.\nWith it the daemon also says whether all that the objects refer to is there.\n\nExamples:\n  $ envoyage validate -f web.yaml\n  $ envoyage validate -f fleet/ --server http://127.0.0.1:8080 --envoy',
  );
  addClientFlags(command).action(async (flags: ValidateFlags) => {
    await validate(session, flags);
  });
}

async function validate({ io }: Session, flags: ValidateFlags): Promise<void> {
  const { server, envoy } = flags;
  if (envoy && server === undefined) {
    throw new EnvoyageError('usage', '--envoy needs a daemon to ask', {
      hint: 'envoyage validate -f FILE --envoy --server http://127.0.0.1:8080',
    });
  }
  const objects = await readDeclared(flags, io);
  const answer =
    server === undefined ? undefined : await placed(objects, () => connect(flags, io).apply(applyBody(objects, undefined, true, envoy), undefined));
  if (flags.json) {
    const verdicts = answer?.envoy === undefined ? {} : { envoy: answer.envoy };
    writeJson(io, { valid: true, objects: objects.length, checked: server === undefined ? 'alone' : 'with-daemon', ...verdicts });
    return;
  }
  const fit = server === undefined ? '' : `, and fit what ${server} has`;
  io.stdout.write(`${count(objects.length, 'object')} ${objects.length === 1 ? 'is' : 'are'} valid${fit}\n`);
  writeVerdicts(io, answer?.envoy);
}
