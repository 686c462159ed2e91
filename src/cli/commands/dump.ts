import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { readGroup } from '../input.ts';
import type { Io, Session } from '../io.ts';

interface DumpFlags extends ClientFlags {
  readonly node?: string;
  readonly group?: string;
  readonly type?: string;
  readonly output: 'yaml' | 'json';
}

/** A large group is much to decode and to write. */
const ANSWER_MS = 120_000;

const WRITING = { aliasDuplicateObjects: false, lineWidth: 0 } as const;

const EXAMPLES = `
Private keys and tokens are not in it: [redacted] stands in their place.

Examples:
  $ envoyage dump --node edge-1
  $ envoyage dump --group edge --type cds -o json | jq '.resources[].name'`;

export function define(command: Command, session: Session): void {
  command
    .addOption(new Option('--node <ID>', 'what this Envoy is given').conflicts('group'))
    .option('--group <GROUP>', 'what an Envoy of this group is given, or would be (default "default")')
    .option('--type <TYPE>', 'only resources of this type: cds, eds, lds, rds, sds, … or a type URL')
    .addOption(new Option('-o, --output <FORMAT>', 'yaml or json').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', EXAMPLES);
  addClientFlags(command).action(async (flags: DumpFlags) => {
    await dump(session.io, flags);
  });
}

async function dump(io: Io, flags: DumpFlags): Promise<void> {
  const { node, type } = flags;
  const group = flags.group === undefined ? undefined : await readGroup(flags.group);
  const answer = await connect(flags, io, ANSWER_MS).dump({ node, group, type });
  if (flags.json || flags.output === 'json') writeJson(io, answer);
  else io.stdout.write(stringify(answer, WRITING));
}
