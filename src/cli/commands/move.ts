import type { Command } from 'commander';
import type { NodeGroup } from '../../api/types.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { report, widthOf, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { addWaitFlags, readGroup, type WaitFlags, waitOf } from '../input.ts';
import type { Io, Session } from '../io.ts';
import { moveOutcome } from '../move-text.ts';
import { createProgress } from '../progress.ts';
import { createPatience, followRollout } from '../rollout.ts';

interface MoveFlags extends ClientFlags, WaitFlags {
  readonly undo?: true;
}

export function define(command: Command, session: Session): void {
  command
    .argument('<node>', 'the id of the Envoy, as envoyage status shows it')
    .argument('[group]', 'the group whose services and listener it gets from now on')
    .option('--undo', 'put it back into its own group: the one that a rule or its bootstrap says')
    .addHelpText('after', '\nExamples:\n  $ envoyage move edge-1 lab\n  $ envoyage move edge-1 --undo');
  addClientFlags(addWaitFlags(command, 'it holds what the group does')).action(async (node: string, group: string | undefined, flags: MoveFlags) => {
    session.exitCode = await move(session.io, node, await target(node, group, flags), flags);
  });
}

/** Undefined for its own group. */
async function target(node: string, group: string | undefined, { undo }: MoveFlags): Promise<string | undefined> {
  if ((group === undefined) !== (undo === true)) {
    const hint = `envoyage move ${node} GROUP, or envoyage move ${node} --undo`;
    throw new EnvoyageError('usage', group === undefined ? 'the group is missing' : 'either a group or --undo, not both', { hint });
  }
  return group === undefined ? undefined : readGroup(group, 'the group');
}

async function move(io: Io, node: string, group: string | undefined, flags: MoveFlags): Promise<number> {
  const client = connect(flags, io);
  const patience = createPatience(waitOf(flags));
  const first = await (group === undefined ? client.unmoveNode(node, patience.next()) : client.moveNode(node, group, patience.next()));
  const answer = await arrived(io, node, first, patience, (seconds) => client.nodeGroup(node, seconds));
  const outcome = moveOutcome(answer, widthOf(io));
  if (!flags.json) return report(io, outcome);
  writeJson(io, answer);
  return outcome.exitCode;
}

async function arrived(
  io: Io,
  node: string,
  first: NodeGroup,
  patience: ReturnType<typeof createPatience>,
  look: (seconds: number) => Promise<NodeGroup>,
): Promise<NodeGroup> {
  const { rollout: begun } = first;
  if (begun === undefined) return first;
  const rollout = async (_: number, seconds: number) => (await look(seconds)).rollout ?? begun;
  const saved = `the move of ${node} is saved`;
  return { ...first, rollout: await followRollout({ rollout }, begun, patience, createProgress(io), saved) };
}
