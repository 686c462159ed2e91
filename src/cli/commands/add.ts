import { type Command, Option } from 'commander';
import { PROTOCOLS } from '../../model/protocol.ts';
import { createChanges, report, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags } from '../connect.ts';
import { addWaitFlags, readEndpoints, readHost, type WaitFlags } from '../input.ts';
import type { Session } from '../io.ts';
import { describeService } from '../outcome.ts';

interface AddFlags extends ClientFlags, WaitFlags {
  readonly id?: string;
  readonly group?: readonly string[];
  readonly protocol?: string;
}

export function define(command: Command, session: Session): void {
  command
    .argument('<host>', 'the host whose requests it takes; *.example.com for every name under example.com')
    .argument('<endpoint...>', 'where they go, NAME:PORT or ADDRESS:PORT; several share the load')
    .option('--id <ID>', 'what the service is called (default its host)')
    .option('--group <GROUP>', 'only Envoys of this group serve it; repeatable (default all do)', (group, others: readonly string[] = []) => [...others, group])
    .addOption(new Option('--protocol <PROTOCOL>', 'what the endpoints speak: http, h2c, https or grpc (default http)').choices(PROTOCOLS))
    .addHelpText('after', '\nExamples:\n  $ envoyage add web.example.com web-a:5678\n  $ envoyage add api.example.com 10.0.0.1:80 10.0.0.2:80 --group edge');
  addClientFlags(addWaitFlags(command)).action(async (host: string, endpoints: string[], flags: AddFlags) => {
    session.exitCode = await add(session, host, endpoints, flags);
  });
}

async function add({ io }: Session, host: string, endpoints: readonly string[], flags: AddFlags): Promise<number> {
  const service = {
    ...(flags.id === undefined ? {} : { id: flags.id }),
    host: readHost(host),
    endpoints: readEndpoints(endpoints),
    ...(flags.group === undefined ? {} : { groups: flags.group }),
    ...(flags.protocol === undefined ? {} : { protocol: flags.protocol }),
  };
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.addService(service, wait),
    (stored) => describeService(stored),
  );
  if (!flags.json) return report(io, outcome);
  writeJson(io, answer);
  return outcome.exitCode;
}
