import type { Command } from 'commander';
import type { ProviderList } from '../../api/types.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { widthOf, writeJson } from '../change.ts';
import type { Client } from '../client.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { type Io, painter, type Session } from '../io.ts';
import { renderStatus } from '../status-text.ts';

interface StatusFlags extends ClientFlags {
  readonly all?: true;
}

export function define(command: Command, session: Session): void {
  command
    .option('--all', 'list every service and every Envoy, however many there are')
    .addHelpText('after', '\nExamples:\n  $ envoyage status\n  $ envoyage status --json');
  addClientFlags(command).action(async (flags: StatusFlags) => {
    await status(session.io, flags);
  });
}

async function status(io: Io, flags: StatusFlags): Promise<void> {
  const client = connect(flags, io);
  const [daemon, { services, revision }, { nodes, moved, refused = [], quarantined = [], canaries = [], rollbacks = [] }, { certificates }, sources] =
    await Promise.all([client.daemon(), client.services(), client.nodes(), client.certificates(), providersOf(client)]);
  const { providers, overrides } = sources;
  const safety = { quarantined, canaries, rollbacks };
  if (flags.json) {
    writeJson(io, { daemon, services, nodes, moved, refused, ...safety, certificates, providers, overrides, revision });
    return;
  }
  // What goes into a pipe is searched by line: there, nothing is wrapped.
  const width = io.stdout.isTTY === true ? widthOf(io) : Number.POSITIVE_INFINITY;
  io.stdout.write(
    renderStatus(
      { server: client.server, daemon, services, nodes, moved, refused, safety, certificates, providers, overrides, revision },
      { all: flags.all === true, width, now: io.now(), paint: painter(io.stdout, io.env) },
    ),
  );
}

/** A daemon from before there were any has no such path. */
async function providersOf(client: Client): Promise<Omit<ProviderList, 'revision'>> {
  try {
    return await client.providers();
  } catch (thrown) {
    if (thrown instanceof EnvoyageError && thrown.code === 'not-found') return { providers: [], overrides: 0 };
    throw thrown;
  }
}
