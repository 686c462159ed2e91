import { Command, type Option } from 'commander';
import { VERSION } from '../lib/version.ts';
import type { Session } from './io.ts';

interface CommandModule {
  define(command: Command, session: Session): void;
}

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly group?: string;
  readonly hidden?: boolean;
  readonly load: () => Promise<CommandModule>;
}

/** In the order of the help. What a command needs is loaded when it is called: `serve` needs all, `switch` next to nothing. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'serve', summary: 'run the daemon: registry, HTTP API and xDS server', group: 'Run:', load: () => import('./commands/serve.ts') },
  { name: 'up', summary: 'run the daemon and a local Envoy that it configures', group: 'Run:', load: () => import('./commands/up.ts') },
  { name: 'agent', summary: 'tell a daemon of the containers of this host', group: 'Run:', load: () => import('./commands/agent.ts') },
  { name: 'bootstrap', summary: 'print a bootstrap for an Envoy that joins the daemon', group: 'Run:', load: () => import('./commands/bootstrap.ts') },
  { name: 'add', summary: 'add a service: a host and the endpoints it leads to', group: 'Services:', load: () => import('./commands/add.ts') },
  { name: 'switch', summary: 'lead a service to other endpoints', group: 'Services:', load: () => import('./commands/switch.ts') },
  { name: 'remove', summary: 'remove services', group: 'Services:', load: () => import('./commands/remove.ts') },
  { name: 'status', summary: 'show the services, and what every Envoy made of them', group: 'Services:', load: () => import('./commands/status.ts') },
  { name: 'explain', summary: 'say what a request meets, and why nothing else does', group: 'Services:', load: () => import('./commands/explain.ts') },
  {
    name: 'apply',
    summary: 'set the objects of files, all or none',
    group: 'Objects:',
    load: () => import('./commands/apply.ts'),
  },
  { name: 'validate', summary: 'check files, without a daemon', group: 'Objects:', load: () => import('./commands/validate.ts') },
  { name: 'diff', summary: 'show what applying files would change', group: 'Objects:', load: () => import('./commands/diff.ts') },
  { name: 'get', summary: 'list objects, or show one', group: 'Objects:', load: () => import('./commands/get.ts') },
  { name: 'edit', summary: 'change an object in an editor', group: 'Objects:', load: () => import('./commands/edit.ts') },
  { name: 'delete', summary: 'delete an object', group: 'Objects:', load: () => import('./commands/delete.ts') },
  { name: 'export', summary: 'print all objects, as apply takes them', group: 'Objects:', load: () => import('./commands/export.ts') },
  { name: 'schema', summary: 'print the JSON Schema of objects, for editors', group: 'Objects:', load: () => import('./commands/schema.ts') },
  { name: 'providers', summary: 'show where services come from, and how it is', group: 'Providers:', load: () => import('./commands/providers.ts') },
  { name: 'override', summary: 'drain, disable or weigh what a provider declares', group: 'Providers:', load: () => import('./commands/override.ts') },
  { name: 'agents', summary: 'list the hosts that tell of their containers', group: 'Providers:', load: () => import('./commands/agents.ts') },
  { name: 'push', summary: 'replace a whole set of objects, for as long as it is wanted', group: 'Providers:', load: () => import('./commands/push.ts') },
  { name: 'lint', summary: 'check the labels in compose files, without a daemon', group: 'Providers:', load: () => import('./commands/lint.ts') },
  { name: 'history', summary: 'list the revisions, or show what one changed', group: 'History:', load: () => import('./commands/history.ts') },
  { name: 'rollback', summary: 'make the state of an earlier revision the newest', group: 'History:', load: () => import('./commands/rollback.ts') },
  { name: 'events', summary: 'tell what happens, as it happens', group: 'History:', load: () => import('./commands/events.ts') },
  { name: 'backup', summary: 'write the whole database into a file', group: 'History:', load: () => import('./commands/backup.ts') },
  { name: 'restore', summary: 'put a backup in the place of the database', group: 'History:', load: () => import('./commands/restore.ts') },
  { name: 'move', summary: 'move an Envoy into another group', group: 'Envoys:', load: () => import('./commands/move.ts') },
  { name: 'dump', summary: 'print the Envoy resources that an Envoy is given', group: 'Envoys:', load: () => import('./commands/dump.ts') },
  { name: 'drift', summary: 'compare what an Envoy holds with what it should', group: 'Envoys:', load: () => import('./commands/drift.ts') },
  { name: 'certs', summary: 'make certificates to develop with', load: () => import('./commands/certs.ts') },
  {
    name: 'quarantine',
    summary: 'show what Envoys refused, and have it tried again',
    group: 'Envoys:',
    load: () => import('./commands/quarantine.ts'),
  },
  { name: 'completion', summary: 'print what makes a shell complete commands', load: () => import('./commands/completion.ts') },
  { name: 'complete', summary: 'answer what a shell asks', hidden: true, load: () => import('./commands/complete.ts') },
];

const EXIT_CODES = `
Exit codes:
  0  done                          4  saved, but time ran out before every Envoy had it
  1  failed                        5  saved, but an Envoy rejected it
  2  wrong usage or bad input      6  not found, there already, or changed meanwhile
  3  no daemon answers

Example:
  $ envoyage up &
  $ envoyage add web.example.com 127.0.0.1:5678
  $ curl -H 'Host: web.example.com' http://127.0.0.1:10000`;

/** The commands whose arguments and options are needed to run `argv`; those that are not only have their names in the tree. */
function wanted(argv: readonly string[]): (name: string) => boolean {
  const first = argv.find((word) => !word.startsWith('-'));
  if (first === 'help' || first === 'complete') return () => true;
  return (name) => name === first;
}

/** Commander's own would list the choices once more, and has a second way to write a default. */
function describeOption({ description, defaultValue }: Option): string {
  return defaultValue === undefined || typeof defaultValue === 'boolean' ? description : `${description} (default ${String(defaultValue)})`;
}

/** The command tree for one run. It throws CommanderError instead of ending the process, and writes no error by itself. */
export async function createProgram(session: Session, argv: readonly string[]): Promise<Command> {
  const { stdout, stderr } = session.io;
  const program = new Command('envoyage')
    .description('Keeps a fleet of Envoys configured, from one binary.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', EXIT_CODES)
    .configureHelp({ optionDescription: describeOption })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(100, stdout.columns ?? 80),
      getErrHelpWidth: () => Math.min(100, stderr.columns ?? 80),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  const isWanted = wanted(argv);
  for (const { name, summary, group, hidden, load } of COMMANDS) {
    const command = program
      .command(name, { hidden: hidden === true })
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`);
    command.helpOption('-h, --help', 'show this help');
    if (group !== undefined) command.helpGroup(group);
    if (isWanted(name)) (await load()).define(command, session);
  }
  return program;
}
