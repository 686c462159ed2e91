import type { Command } from 'commander';
import type { Wish } from '../../model/kinds.ts';
import { documentOf } from '../../model/schemas.ts';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { labelsOf } from '../declared.ts';
import type { Io, Session } from '../io.ts';
import { KIND_HELP, readKind } from '../kind-argument.ts';
import { count, printable } from '../words.ts';
import { toYaml } from '../yaml-text.ts';

interface ExportFlags extends ClientFlags {
  readonly label?: readonly string[];
  readonly all?: true;
}

export function define(command: Command, session: Session): void {
  command
    .argument('[kind]', `only this kind: ${KIND_HELP} (default all)`)
    .option('-l, --label <KEY=VALUE>', 'only objects with this label; repeatable, all have to hold', (label, others: readonly string[] = []) => [
      ...others,
      label,
    ])
    .option('--all', 'the objects of providers, too, which apply does not take back while the provider has them')
    .addHelpText(
      'after',
      '\nKeys of certificates are sealed: only a daemon with the same secret.key in its\ndata folder can take them back.\n\nExamples:\n  $ envoyage export > fleet.yaml\n  $ envoyage export -l team=web | envoyage diff -f -',
    );
  addClientFlags(command).action(async (kind: string | undefined, flags: ExportFlags) => {
    await exportAll(session.io, kind, flags);
  });
}

/** As `apply` takes it back: what the registry adds is left out, so that it changes nothing where nothing has changed. */
async function exportAll(io: Io, kind: string | undefined, flags: ExportFlags): Promise<void> {
  const label =
    flags.label === undefined
      ? undefined
      : Object.entries(labelsOf(flags.label))
          .map(([key, value]) => `${key}=${value}`)
          .join(',');
  const { objects: found } = await connect(flags, io).objects({ kind: kind === undefined ? undefined : readKind(kind), label });
  const objects = flags.all === true ? found : found.filter(({ provider }) => provider === undefined);
  const documents = objects.map((object) => documentOf(object as unknown as Wish));
  if (flags.json) {
    writeJson(io, documents);
    return;
  }
  const left = found.length - objects.length;
  if (left > 0)
    io.stdout.write(
      `# ${count(left, 'object')} of providers ${left === 1 ? 'is' : 'are'} left out: envoyage export --all has ${left === 1 ? 'it' : 'them'}.\n`,
    );
  const sealed = objects.some((object) => typeof object['key'] === 'string');
  if (sealed) io.stdout.write('# The keys of certificates are sealed with the secret.key of the daemon that this is from.\n');
  documents.forEach((document, i) => {
    const { provider, origin } = objects[i] ?? {};
    const from = provider === undefined ? '' : `# of provider ${provider}${origin === undefined ? '' : `, ${oneLine(origin)}`}\n`;
    io.stdout.write(`---\n${from}${toYaml(document)}`);
  });
}

/** As a comment may have it. */
function oneLine(text: string): string {
  return printable(text).replaceAll('\n', ' ');
}
