import type { Command } from 'commander';
import { painter, type Session } from '../io.ts';
import { readyOf, renderReady, renderReadyJson } from '../ready-text.ts';
import { addServeFlags } from '../serve-flags.ts';
import { runDaemon } from '../serve-run.ts';

export function define(command: Command, { io }: Session): void {
  addServeFlags(command)
    .addHelpText(
      'after',
      '\nExamples:\n  $ envoyage serve\n  $ envoyage serve --listener edge=0.0.0.0:80 --data-dir /srv/envoyage\n  $ envoyage serve --print-config > envoyage.yaml',
    )
    .action(async (flags: { printConfig?: true; json?: true }) => {
      await runDaemon(io, command, flags, async ({ options, daemon, stop }) => {
        const ready = readyOf(options, daemon);
        io.stdout.write(flags.json ? renderReadyJson(ready) : renderReady(ready, painter(io.stdout, io.env)));
        await stop.requested;
      });
    });
}
