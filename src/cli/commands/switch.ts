import type { Command } from 'commander';
import { createChanges, report, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags } from '../connect.ts';
import { addWaitFlags, readEndpoints, readId, type WaitFlags } from '../input.ts';
import type { Session } from '../io.ts';
import { describeService } from '../outcome.ts';

export function define(command: Command, session: Session): void {
  command
    .argument('<host>', 'the host of the service, or its id where it has one of its own')
    .argument('<endpoint...>', 'where requests go from now on, NAME:PORT or ADDRESS:PORT; several share the load')
    .addHelpText(
      'after',
      '\nExamples:\n  $ envoyage switch web.example.com web-b:5678\n  $ envoyage switch web.example.com 10.0.0.1:80 10.0.0.2:80 --timeout 30',
    );
  addClientFlags(addWaitFlags(command)).action(async (host: string, endpoints: string[], flags: ClientFlags & WaitFlags) => {
    session.exitCode = await switchTo(session, readId(host), readEndpoints(endpoints), flags);
  });
}

async function switchTo({ io }: Session, id: string, endpoints: readonly string[], flags: ClientFlags & WaitFlags): Promise<number> {
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.setEndpoints(id, endpoints, wait),
    (stored) => describeService(stored),
  );
  if (!flags.json) return report(io, outcome);
  writeJson(io, answer);
  return outcome.exitCode;
}
