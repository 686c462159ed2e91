import type { Command } from 'commander';
import { EnvoyageError } from '../../lib/errors.ts';
import { titleOf } from '../../model/kinds.ts';
import { widthOf, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { readGroup } from '../input.ts';
import { type Io, painter, type Session } from '../io.ts';
import { nothingParked, problems } from '../problems-text.ts';
import { printable } from '../words.ts';

interface QuarantineFlags extends ClientFlags {
  readonly group?: string;
}

export function define(command: Command, session: Session): void {
  command
    .argument('[action]', 'release: have an object tried again that was refused')
    .argument('[key]', 'the object: the id of a service, Kind/name of anything else')
    .option('--group <group>', 'in this group alone')
    .addHelpText('after', '\nExamples:\n  $ envoyage quarantine\n  $ envoyage quarantine release Route/api');
  addClientFlags(command).action(async (action: string | undefined, key: string | undefined, flags: QuarantineFlags) => {
    const group = flags.group === undefined ? undefined : await readGroup(flags.group, 'the group');
    if (action === undefined) return list(session.io, group, flags);
    if (action !== 'release' || key === undefined)
      throw new EnvoyageError('usage', action === 'release' ? 'the key of the object is missing' : `there is no action "${printable(action)}"`, {
        hint: 'envoyage quarantine release KEY, with a key that envoyage quarantine lists',
      });
    return release(session.io, key, group, flags);
  });
}

async function list(io: Io, group: string | undefined, flags: QuarantineFlags): Promise<void> {
  const answer = await connect(flags, io).quarantine(group);
  if (flags.json) {
    writeJson(io, answer);
    return;
  }
  const width = io.stdout.isTTY === true ? widthOf(io) : Number.POSITIVE_INFINITY;
  const lines = problems(answer, { all: true, width, now: io.now(), paint: painter(io.stdout, io.env) });
  io.stdout.write(`${(lines.length === 0 ? [nothingParked(answer.canaries.map((canary) => canary.group))] : lines).join('\n')}\n`);
}

async function release(io: Io, key: string, group: string | undefined, flags: QuarantineFlags): Promise<void> {
  const answer = await connect(flags, io).release(key, group);
  if (flags.json) writeJson(io, answer);
  else io.stdout.write(`${printable(titleOf(key))} is sent again; where it is refused again, it is parked again\n`);
}
