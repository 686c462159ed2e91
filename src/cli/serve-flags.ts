import { type Command, Option } from 'commander';
import type { Flags } from '../config/load.ts';
import { aboutOption, choicesOf, envOf, flagOf, OPTION_NAMES } from '../config/options.ts';
import { defaultText } from '../config/print.ts';
import type { FlagValue } from '../config/text.ts';

/** The flags of `serve` and `up`, made from the options' one definition. */
export function addServeFlags(command: Command): Command {
  command.addOption(
    new Option('--config <FILE>', `read options from this file (default ./envoyage.yaml, then /etc/envoyage/envoyage.yaml; env ${envOf('config')})`),
  );
  for (const name of OPTION_NAMES) {
    const { kind, topic, placeholder, description } = aboutOption(name);
    const standard = defaultText(name);
    const text = standard === undefined ? description : `${description} (default ${standard})`;
    const option = new Option(kind === 'boolean' ? flagOf(name) : `${flagOf(name)} <${placeholder}>`, text).helpGroup(`${topic}:`);
    if (kind === 'list' || kind === 'paths' || kind === 'pollers' || kind === 'addresses' || kind === 'listeners')
      option.argParser((value, others: readonly string[] = []) => [...others, value]);
    // Not .choices(), which checks as well: what is wrong is told all at once, with the file's and the environment's.
    const choices = choicesOf(name);
    if (choices !== undefined) option.argChoices = [...choices];
    command.addOption(option);
    if (kind === 'boolean') command.addOption(new Option(`--no-${name}`).hideHelp());
  }
  return command
    .option('--print-config', 'print the options in force and where each comes from, then end')
    .option('--json', 'print what is printed as JSON, errors too');
}

/** What was said on the command line, by the names that options have. */
export function serveFlags(command: Command): Flags {
  const flags: Record<string, FlagValue> = {};
  for (const name of ['config', ...OPTION_NAMES]) {
    const attribute = new Option(flagOf(name)).attributeName();
    const value = command.getOptionValue(attribute) as FlagValue | undefined;
    if (value !== undefined) flags[name] = value;
  }
  return flags;
}
