import type { Command } from 'commander';
import type { EnvoyVerdict } from '../../api/types.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { addFileFlags, applyBody, type FileFlags, placed, readDeclared } from '../declared.ts';
import type { Session } from '../io.ts';
import { count } from '../words.ts';

interface ValidateFlags extends ClientFlags, FileFlags {
  readonly envoy?: true;
}

export function define(command: Command, session: Session): void {
  addFileFlags(command)
    .option('--envoy', 'have the daemon ask a real Envoy as well, where one is at hand there')
    .addHelpText(
      'after',
      '\nWithout --server no daemon is asked, and each object is checked by itself.\nWith it the daemon also says whether all that the objects refer to is there.\n\nExamples:\n  $ envoyage validate -f web.yaml\n  $ envoyage validate -f fleet/ --server http://127.0.0.1:8080 --envoy',
    );
  addClientFlags(command).action(async (flags: ValidateFlags) => {
    await validate(session, flags);
  });
}

async function validate({ io }: Session, flags: ValidateFlags): Promise<void> {
  const { server } = flags;
  if (flags.envoy && server === undefined)
    throw new EnvoyageError('usage', '--envoy needs a daemon to ask', { hint: 'envoyage validate -f FILE --envoy --server http://127.0.0.1:8080' });
  const objects = await readDeclared(flags, io);
  const body = { ...applyBody(objects, undefined, true), ...(flags.envoy ? { envoy: true } : {}) };
  const answer = server === undefined ? undefined : await placed(objects, () => connect(flags, io).apply(body, undefined));
  const verdicts = answer?.envoy;
  if (flags.json) {
    const asked = verdicts === undefined ? {} : { envoy: verdicts };
    writeJson(io, { valid: true, objects: objects.length, checked: server === undefined ? 'alone' : 'with-daemon', ...asked });
    return;
  }
  const fit = server === undefined ? '' : `, and fit what ${server} has`;
  io.stdout.write(`${count(objects.length, 'object')} ${objects.length === 1 ? 'is' : 'are'} valid${fit}\n`);
  for (const verdict of verdicts ?? []) io.stdout.write(`${spoken(verdict)}\n`);
}

/** One that rejects is an error, and does not come here. */
function spoken({ group, outcome, envoy = '', reason = '' }: EnvoyVerdict): string {
  return outcome === 'accepted' ? `group ${group}: accepted by Envoy ${envoy}` : `group ${group}: unknown: ${reason}`;
}
