import type { Command } from 'commander';
import { jsonSchema } from '../../model/json-schema.ts';
import { writeJson } from '../change.ts';
import type { Session } from '../io.ts';

export function define(command: Command, { io }: Session): void {
  command
    .option('--json', 'errors in JSON, too; the schema always is')
    .addHelpText(
      'after',
      '\nEditors complete and check files by it: put its path into their settings, or\nthis line at the top of a file:\n  # yaml-language-server: $schema=envoyage.schema.json\n\nExample:\n  $ envoyage schema > envoyage.schema.json',
    )
    .action(() => writeJson(io, jsonSchema()));
}
