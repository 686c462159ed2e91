import { type Command, Option } from 'commander';
import type { ApiObject } from '../../api/types.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { widthOf, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { labelsOf } from '../declared.ts';
import type { Io, Session } from '../io.ts';
import { KIND_HELP, readKind, splitKey } from '../kind-argument.ts';
import { bareName } from '../object-name.ts';
import { objectTable } from '../object-table.ts';

interface GetFlags extends ClientFlags {
  readonly output: 'table' | 'yaml' | 'json';
  readonly label?: readonly string[];
  readonly group?: string;
}

export function define(command: Command, session: Session): void {
  command
    .argument('[kind]', `what to list: ${KIND_HELP} (default all)`)
    .argument('[name]', 'the name of one object')
    .addOption(new Option('-o, --output <FORMAT>', 'table, yaml or json').choices(['table', 'yaml', 'json']).default('table'))
    .option('-l, --label <KEY=VALUE>', 'only objects with this label; repeatable, all have to hold', (label, others: readonly string[] = []) => [
      ...others,
      label,
    ])
    .option('--group <GROUP>', 'only objects that Envoys of this group get')
    .addHelpText('after', '\nExamples:\n  $ envoyage get\n  $ envoyage get routes -l team=web\n  $ envoyage get route api -o yaml');
  addClientFlags(command).action(async (kind: string | undefined, name: string | undefined, flags: GetFlags) => {
    await get(session.io, ...splitKey(kind, name), flags);
  });
}

async function get(io: Io, kindText: string | undefined, name: string | undefined, flags: GetFlags): Promise<void> {
  const kind = kindText === undefined ? undefined : readKind(kindText);
  const format = flags.json ? 'json' : flags.output;
  const client = connect(flags, io);
  if (kind !== undefined && name !== undefined) {
    if (flags.label !== undefined || flags.group !== undefined)
      throw new EnvoyageError('usage', '-l and --group choose from many objects, and one is named', { hint: `envoyage get ${kind}` });
    await show(io, [await client.object(kind, bareName(name))], format, true);
    return;
  }
  const label =
    flags.label === undefined
      ? undefined
      : Object.entries(labelsOf(flags.label))
          .map(([key, value]) => `${key}=${value}`)
          .join(',');
  const { objects, revision } = await client.objects({ kind, label, group: flags.group });
  if (format === 'json') writeJson(io, { objects, revision });
  else await show(io, objects, format, false);
}

async function show(io: Io, objects: readonly ApiObject[], format: GetFlags['output'], single: boolean): Promise<void> {
  if (format === 'json') writeJson(io, single ? objects[0] : { objects });
  else if (format === 'yaml') {
    const { toYaml } = await import('../yaml-text.ts');
    io.stdout.write(objects.map((object) => toYaml(object)).join('---\n'));
  } else {
    // What goes into a pipe is searched by line: there, nothing is wrapped.
    const width = io.stdout.isTTY === true ? widthOf(io) : Number.POSITIVE_INFINITY;
    io.stdout.write(objects.length === 0 ? 'No such objects: envoyage apply -f FILE makes some\n' : objectTable(objects, { now: io.now(), width }));
  }
}
