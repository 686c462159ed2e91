import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Flags, loadOptions } from '../../config/load.ts';
import { loadAddon } from '../../lib/assets.ts';
import { restore } from '../../registry/restore.ts';
import { writeJson } from '../change.ts';
import type { Io, Session } from '../io.ts';
import { count } from '../words.ts';

interface RestoreFlags {
  readonly dataDir?: string;
  readonly config?: string;
  readonly json?: true;
}

export function define(command: Command, { io }: Session): void {
  command
    .argument('<file>', 'what envoyage backup made')
    .option('--data-dir <DIR>', 'the data folder of the daemon (default as envoyage serve has it)')
    .option('--config <FILE>', 'the configuration file that names it')
    .option('--json', 'answer in JSON, errors too')
    .addHelpText(
      'after',
      '\nThe daemon must not run. What it had is kept beside the new database. To change\na daemon that runs, apply what envoyage export gave, or envoyage rollback.\n\nExample:\n  $ envoyage restore /backup/envoyage.db --data-dir /var/lib/envoyage',
    )
    .action((file: string, flags: RestoreFlags) => put(io, file, flags));
}

function put(io: Io, file: string, { dataDir, config, json }: RestoreFlags): void {
  const flags: Flags = { ...(config === undefined ? {} : { config }), ...(dataDir === undefined ? {} : { 'data-dir': dataDir }) };
  const { options } = loadOptions({ flags, env: io.env, cwd: io.cwd, uid: io.uid });
  const stamp = new Date(io.now()).toISOString().replace(/[-:]|\.\d+Z$/g, '');
  const done = restore(resolve(io.cwd, file), options.dataDir, stamp, loadAddon('better_sqlite3.node', [options.dataDir]));
  if (json) writeJson(io, { ...done, aside: done.aside ?? null });
  else {
    io.stdout.write(`${done.path} is at revision ${done.revision} with ${count(done.objects, 'object')}\n`);
    if (done.aside !== undefined) io.stdout.write(`what was there is in ${done.aside}\n`);
    io.stdout.write('start the daemon: envoyage serve\n');
  }
}
