import { Argument, type Command } from 'commander';
import { writeJson } from '../change.ts';
import { COMPLETION_SCRIPTS, type Shell } from '../completion-scripts.ts';
import type { Session } from '../io.ts';

export function define(command: Command, { io }: Session): void {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(COMPLETION_SCRIPTS)))
    .option('--json', 'print it as JSON, errors too')
    .addHelpText(
      'after',
      "\nExamples:\n  $ echo 'source <(envoyage completion bash)' >> ~/.bashrc\n  $ envoyage completion zsh > ~/.zfunc/_envoyage\n  $ envoyage completion fish > ~/.config/fish/conf.d/envoyage.fish",
    )
    .action((shell: Shell, { json }: { json?: true }) => {
      if (json) writeJson(io, { shell, script: COMPLETION_SCRIPTS[shell] });
      else io.stdout.write(COMPLETION_SCRIPTS[shell]);
    });
}
