import type { Command } from 'commander';
import type { ExplainAnswer } from '../../api/types.ts';
import { widthOf, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderExplanation } from '../explain-text.ts';
import { readGroup } from '../input.ts';
import { type Io, painter, type Session } from '../io.ts';

interface ExplainFlags extends ClientFlags {
  readonly header?: readonly string[];
  readonly request: string;
  readonly group?: string;
  readonly envoy?: string;
  readonly all?: true;
}

export function define(command: Command, session: Session): void {
  command
    .argument('<url>', 'what is asked for, as in https://web.example.com/api')
    .option('-H, --header <HEADER>', "a header, as in 'X-Version: 2'; may be there several times", (header: string, before: readonly string[] = []) => [
      ...before,
      header,
    ])
    .option('-X, --request <METHOD>', 'the method', 'GET')
    .option('--group <GROUP>', 'the group whose Envoys are asked (default default)')
    .option('--envoy <VERSION>', 'the version of Envoy (default the oldest that is connected in the group)')
    .option('--all', 'list every match that was not met, however many there are')
    .addHelpText(
      'after',
      '\nNo request is sent: the answer is worked out from what is wanted.\nIt exits with 6 where nobody would answer.\n\nExamples:\n  $ envoyage explain https://web.example.com/api\n  $ envoyage explain http://web.example.com/api -X POST --group edge',
    );
  addClientFlags(command).action(async (url: string, flags: ExplainFlags) => {
    session.exitCode = await explain(session.io, url, flags);
  });
}

async function explain(io: Io, url: string, flags: ExplainFlags): Promise<ExitCode> {
  const query = new URLSearchParams({ url, method: flags.request });
  for (const header of flags.header ?? []) query.append('header', header);
  if (flags.group !== undefined) query.set('group', await readGroup(flags.group, '--group'));
  if (flags.envoy !== undefined) query.set('envoy', flags.envoy);
  const answer = await connect(flags, io).explain(query);
  if (flags.json) writeJson(io, answer);
  else io.stdout.write(renderExplanation(answer, { all: flags.all === true, width: widthOf(io), paint: painter(io.stdout, io.env) }));
  return isAnswered(answer) ? EXIT.ok : EXIT.conflict;
}

function isAnswered({ outcome }: ExplainAnswer): boolean {
  return outcome === 'services' || outcome === 'redirect' || outcome === 'respond';
}
