import { type Command, InvalidArgumentError } from 'commander';
import type { Rollout } from '../../api/types.ts';
import type { Revision } from '../../model/revision.ts';
import { widthOf, writeJson } from '../change.ts';
import type { Client } from '../client.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { renderHistory, renderRevision } from '../history-text.ts';
import { type Io, painter, type Session } from '../io.ts';
import { readRevision } from './rollback.ts';

interface HistoryFlags extends ClientFlags {
  readonly limit: number;
  readonly before?: number;
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 1000) throw new InvalidArgumentError('It must be a number, 1 to 1000.');
  return limit;
}

export function define(command: Command, session: Session): void {
  command
    .argument('[revision]', 'the number of one, to see all of it', readRevision)
    .option('--limit <NUMBER>', 'how many revisions to list, the newest first', readLimit, 20)
    .option('--before <REVISION>', 'only those before this one', readRevision)
    .addHelpText('after', '\nExamples:\n  $ envoyage history\n  $ envoyage history 42');
  addClientFlags(command).action(async (revision: number | undefined, flags: HistoryFlags) => {
    await (revision === undefined ? history(session.io, flags) : one(session.io, revision, flags));
  });
}

async function history(io: Io, flags: HistoryFlags): Promise<void> {
  const client = connect(flags, io);
  const { revisions, next } = await client.revisions(flags.limit, flags.before);
  const told = await withRollouts(client, revisions);
  if (flags.json) {
    writeJson(io, { revisions: told, next });
    return;
  }
  const width = io.stdout.isTTY === true ? widthOf(io) : Number.POSITIVE_INFINITY;
  io.stdout.write(renderHistory(told, next, { width, now: io.now(), paint: painter(io.stdout, io.env) }));
}

async function one(io: Io, number: number, flags: HistoryFlags): Promise<void> {
  const client = connect(flags, io);
  const [told] = await withRollouts(client, [await client.revision(number)]);
  if (told === undefined) throw new Error('one revision became none');
  if (flags.json) writeJson(io, told);
  else io.stdout.write(renderRevision(told, { width: widthOf(io), now: io.now(), paint: painter(io.stdout, io.env) }));
}

/** A few at a time, so that a long list does not take all connections. */
async function withRollouts(client: Client, revisions: readonly Revision[]): Promise<(Revision & { readonly rollout: Rollout })[]> {
  const told: (Revision & { readonly rollout: Rollout })[] = [];
  for (let at = 0; at < revisions.length; at += 10) {
    const page = revisions.slice(at, at + 10).map(async (revision) => ({ ...revision, rollout: await client.rollout(revision.number, 0) }));
    told.push(...(await Promise.all(page)));
  }
  return told;
}
