import type { Command } from 'commander';
import type { FleetEvent } from '../../api/types.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { followEvents } from '../event-stream.ts';
import { describeEvent } from '../event-text.ts';
import { type Io, painter, type Session } from '../io.ts';

interface EventsFlags extends ClientFlags {
  readonly since?: string;
  readonly only?: string;
}

export function define(command: Command, session: Session): void {
  command
    .option('--since <REVISION>', 'begin after this revision, or after the event with this id (default now)')
    .option(
      '--only <EVENTS>',
      'only these, with commas: revision, publication, live, connected, gone, rejected, quarantined, released, canary, rolled-back, provider, override',
    )
    .addHelpText(
      'after',
      '\nIt goes on until it is interrupted; with --json each event is one line.\n\nExamples:\n  $ envoyage events\n  $ envoyage events --since 40 --only revision,rejected',
    );
  addClientFlags(command).action(async (flags: EventsFlags) => {
    await events(session.io, flags);
  });
}

async function events(io: Io, flags: EventsFlags): Promise<void> {
  const client = connect(flags, io);
  const paint = painter(io.stdout, io.env);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) io.signals.on(signal, end);
  try {
    const show = (event: FleetEvent): void => void io.stdout.write(`${flags.json ? JSON.stringify(event) : describeEvent(event, paint)}\n`);
    await followEvents(client, flags, show, stop.signal);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) io.signals.off(signal, end);
  }
}
