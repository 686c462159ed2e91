import type { Command } from 'commander';
import { type Declared, invalidObjects, readObjects } from '../documents/objects.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { documentOf } from '../model/schemas.ts';
import type { Apply } from './client.ts';
import type { Io } from './io.ts';
import { readTexts } from './read-texts.ts';

export interface FileFlags {
  readonly file: readonly string[];
}

export interface PruneFlags {
  readonly prune?: true;
  readonly label?: readonly string[];
}

const gathered = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function addFileFlags(command: Command): Command {
  return command.requiredOption('-f, --file <FILE|DIR>', 'YAML or JSON with objects, a folder of them, or - for a pipe; repeatable', gathered);
}

export function addPruneFlags(command: Command): Command {
  return command
    .option('--prune', 'delete the objects with the labels of -l that are not in the files')
    .option('-l, --label <KEY=VALUE>', 'the label of what --prune may delete; repeatable, all have to hold', gathered);
}

export interface EnvoyFlag {
  readonly envoy?: true;
}

export function addEnvoyFlag(command: Command): Command {
  return command.option('--envoy', 'have a real Envoy judge it first, on the machine of the daemon');
}

/** @throws EnvoyageError usage, and invalid-object with every fault in the files */
export async function readDeclared({ file }: FileFlags, io: Io): Promise<readonly Declared[]> {
  const { objects, faults } = readObjects(await readTexts(file, io));
  if (faults.length > 0) throw invalidObjects(faults);
  return objects;
}

/** @throws EnvoyageError usage */
export function pruneOf({ prune, label = [] }: PruneFlags): Readonly<Record<string, string>> | undefined {
  if (prune === undefined && label.length === 0) return undefined;
  const hint = 'as in --prune -l team=web';
  if (prune === undefined) throw new EnvoyageError('usage', '-l says what --prune may delete, and there is no --prune', { hint });
  if (label.length === 0) throw new EnvoyageError('usage', '--prune needs a label that says what it may delete', { hint });
  return labelsOf(label, hint);
}

/** @throws EnvoyageError usage */
export function labelsOf(texts: readonly string[], hint = 'as in -l team=web'): Record<string, string> {
  const pairs = texts
    .flatMap((text) => text.split(','))
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new EnvoyageError('usage', `the label "${pair}" is not KEY=VALUE`, { hint });
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    });
  return Object.fromEntries(pairs);
}

export function applyBody(objects: readonly Declared[], prune: Readonly<Record<string, string>> | undefined, dryRun: boolean, envoy = false): Apply {
  return {
    objects: objects.map(({ wish, document }) => ({ object: documentOf(wish), origin: document.origin })),
    ...(prune === undefined ? {} : { prune }),
    ...(dryRun ? { dryRun } : {}),
    ...(envoy ? { envoy } : {}),
  };
}

/** What the daemon said of what was sent, with the place in the files of everything that it points to. */
export async function placed<T>(objects: readonly Declared[], send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (thrown) {
    if (!(thrown instanceof EnvoyageError)) throw thrown;
    const { code, hint, cause } = thrown;
    const errors = thrown.errors.flatMap(({ field, message }) => {
      const [, index = '', pointer = ''] = /^\/objects\/(\d+)\/object(.*)$/s.exec(field) ?? [];
      const position = objects[Number(index || -1)]?.document.positionOf(pointer);
      return position === undefined ? [] : [{ field: position, message }];
    });
    if (errors.length === 0) throw thrown;
    throw new EnvoyageError(code, errors.map(({ field, message }) => `${field}: ${message}`).join('; '), { hint, errors, cause });
  }
}
