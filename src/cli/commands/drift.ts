import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Dump } from '../../api/types.ts';
import { formatHostPort } from '../../lib/address.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { type AdminPort, adminPort } from '../admin-port.ts';
import { widthOf, writeJson } from '../change.ts';
import type { Client } from '../client.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { type Drift, driftOf } from '../drift.ts';
import { driftText } from '../drift-text.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readAddress } from '../input.ts';
import type { Session } from '../io.ts';

interface DriftFlags extends ClientFlags {
  readonly admin: string;
}

/** A large group is much to decode and to write. */
const ANSWER_MS = 120_000;
/** What is on its way is no drift: so often it is looked at again, after so long. */
const LOOKS = 3;
const PAUSE_MS = 500;

const MORE = `
The daemon has no access to admin ports: this command asks both and compares.
What a bootstrap says is not compared, nor are private keys. Of endpoints it is
addresses, weights, zones and priorities. The exit code is 1 where something
differs.

Example:
  $ envoyage drift edge-1 --admin 127.0.0.1:9901`;

export function define(command: Command, session: Session): void {
  command
    .argument('<node>', 'the id of the Envoy, as envoyage status shows it')
    .requiredOption('--admin <HOST:PORT>', "the Envoy's admin port, as reached from here")
    .addHelpText('after', MORE);
  addClientFlags(command).action(async (node: string, flags: DriftFlags) => {
    session.exitCode = await drift(session, node, flags);
  });
}

async function drift({ io }: Session, node: string, flags: DriftFlags): Promise<ExitCode> {
  const admin = `http://${formatHostPort(readAddress('--admin', flags.admin, 1))}`;
  const [dump, found] = await look(node, connect(flags, io, ANSWER_MS), adminPort(admin), admin);
  const inSync = found.deviations.length === 0;
  if (flags.json) writeJson(io, { node, group: dump.group, revision: dump.revision, connected: dump.connected, inSync, ...found });
  else io.stdout.write(driftText(dump, found, widthOf(io)));
  return inSync ? EXIT.ok : EXIT.failed;
}

async function look(node: string, client: Client, admin: AdminPort, where: string): Promise<[Dump, Drift]> {
  const id = await admin.nodeId();
  if (id !== node) throw new EnvoyageError('node-not-found', `the Envoy at ${where} is "${id}", not "${node}"`, { hint: `envoyage drift ${id} --admin …` });
  for (let looks = 1; ; looks++) {
    const dump = await client.dump({ node });
    const found = driftOf(dump, await admin.configDump());
    if (found.deviations.length === 0 || looks === LOOKS) return [dump, found];
    await delay(PAUSE_MS);
  }
}
