import type { Argument, Command, Option } from 'commander';
import { KINDS } from '../model/kinds.ts';

/** What can stand where the cursor is. */
export type Candidates =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  /** The shell knows files better. */
  | { readonly kind: 'files' }
  /** Ids of services, which the daemon knows; `given` are on the line already. */
  | { readonly kind: 'services'; readonly given: readonly string[]; readonly prefix: string }
  /** Names of objects of a kind, likewise. */
  | { readonly kind: 'objects'; readonly of: string; readonly prefix: string }
  /** Ids of Envoys, likewise. */
  | { readonly kind: 'nodes'; readonly prefix: string }
  /** Names of providers, likewise, and other words that fit there. */
  | { readonly kind: 'providers'; readonly words: readonly string[]; readonly prefix: string }
  /** Endpoints of a service, likewise. */
  | { readonly kind: 'endpoints'; readonly of: string; readonly prefix: string };

export interface Candidate {
  readonly word: string;
  readonly description: string;
}

const KIND_WORDS = KINDS.map((kind): Candidate => ({ word: kind.toLowerCase(), description: '' }));

const NONE: Candidates = { kind: 'words', words: [] };

/**
 * What fits after `words`, the last of which is being typed (and may be empty). Read from commander's own tree, so that
 * nothing is said twice.
 */
export function candidates(program: Command, words: readonly string[]): Candidates {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const name = before.find((word) => !word.startsWith('-'));
  if (name === undefined) return fromWords([...commandWords(program), ...(current.startsWith('-') ? optionWords(program, before) : [])], current);
  const command = program.commands.find((c) => c.name() === name);
  if (command === undefined) return name === 'help' && before.length === 1 ? fromWords(commandWords(program), current) : NONE;
  const { operands, pending, ended } = read(command, before.slice(before.indexOf(name) + 1));
  if (pending !== undefined) return valuesOf(pending, current, '');
  const assigned = /^(--[^=]+)=(.*)$/s.exec(current);
  const option = assigned === null || ended ? undefined : findOption(command, assigned[1] ?? '');
  if (option !== undefined) return valuesOf(option, assigned?.[2] ?? '', `${assigned?.[1]}=`);
  if (current.startsWith('-') && !ended) return fromWords(optionWords(command, before), current);
  const argument = command.registeredArguments[operands.length] ?? command.registeredArguments.findLast(({ variadic }) => variadic);
  return argument === undefined ? NONE : argumentValues(command, argument, operands, current);
}

/** Commands that go on with an Envoy that was here. */
const NAMES_NODES = ['move', 'drift'];
/** Commands that go on with services that exist. */
const NAMES_SERVICES = ['switch', 'remove', 'override'];
/** What can be done with a provider. */
const PROVIDER_ACTIONS = ['pause', 'resume', 'resync'];

function argumentValues(command: Command, argument: Argument, operands: readonly string[], prefix: string): Candidates {
  if (argument.argChoices !== undefined)
    return fromWords(
      argument.argChoices.map((word) => ({ word, description: '' })),
      prefix,
    );
  if (command.name() === 'providers') {
    if (operands[0] === undefined) return { kind: 'providers', words: PROVIDER_ACTIONS, prefix };
    return PROVIDER_ACTIONS.includes(operands[0]) ? { kind: 'providers', words: [], prefix } : NONE;
  }
  if (command.name() === 'override' && argument.name() === 'endpoint') return { kind: 'endpoints', of: operands[0] ?? '', prefix };
  if (argument.name() === 'kind') return fromWords(KIND_WORDS, prefix);
  if (argument.name() === 'name' && operands[0] !== undefined) return { kind: 'objects', of: operands[0], prefix };
  if (argument.name() === 'file') return { kind: 'files' };
  if (NAMES_NODES.includes(command.name()) && argument.name() === 'node') return { kind: 'nodes', prefix };
  return NAMES_SERVICES.includes(command.name()) && ['host', 'service'].includes(argument.name()) ? { kind: 'services', given: operands, prefix } : NONE;
}

/** Tells the operands of a command from its options and their values; `pending` is the option whose value comes next. */
function read(command: Command, words: readonly string[]): { operands: string[]; pending: Option | undefined; ended: boolean } {
  const operands: string[] = [];
  let pending: Option | undefined;
  let ended = false;
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (word === '--' && !ended) ended = true;
    else if (ended || !word.startsWith('-') || word === '-') operands.push(word);
    else pending = takesValue(findOption(command, word));
  }
  return { operands, pending, ended };
}

function findOption(command: Command, flag: string): Option | undefined {
  return command.options.find((option) => option.long === flag || option.short === flag);
}

function takesValue(option: Option | undefined): Option | undefined {
  return option?.required === true ? option : undefined;
}

function valuesOf({ flags, argChoices }: Option, current: string, assignment: string): Candidates {
  if (argChoices !== undefined)
    return fromWords(
      argChoices.map((word) => ({ word: assignment + word, description: '' })),
      assignment + current,
    );
  return /<(FILE|DIR|PATH|FILE\|DIR)>/.test(flags) ? { kind: 'files' } : NONE;
}

function commandWords(program: Command): Candidate[] {
  const visible = program.createHelp().visibleCommands(program);
  return visible.map((command) => ({ word: command.name(), description: command.summary() || command.description() }));
}

/** Those that are not on the line yet, or may be there more than once. */
function optionWords(command: Command, before: readonly string[]): Candidate[] {
  const options = command.createHelp().visibleOptions(command);
  return options.flatMap(({ long, description }) => {
    if (long === undefined || (before.includes(long) && !/repeatable/.test(description))) return [];
    return [{ word: long, description }];
  });
}

function fromWords(words: readonly Candidate[], prefix: string): Candidates {
  return { kind: 'words', words: words.filter(({ word }) => word.startsWith(prefix)) };
}
