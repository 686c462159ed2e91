import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Text } from '../documents/objects.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { readFault } from '../lib/read-fault.ts';
import type { Io } from './io.ts';

const KNOWN = /\.(ya?ml|json)$/i;

/**
 * The texts at the paths, each under the name that people gave it: a file, a folder with all .yaml, .yml and .json files in it
 * and below (hidden ones left out, by name), or `-` for what comes through a pipe.
 * @throws EnvoyageError usage
 */
export async function readTexts(paths: readonly string[], { cwd, stdin }: Pick<Io, 'cwd' | 'stdin'>): Promise<Text[]> {
  const texts: Text[] = [];
  for (const path of paths) {
    if (path === '-') texts.push({ file: '-', text: await readAll(stdin) });
    else for (const file of filesAt(path, cwd)) texts.push({ file, text: attempt(file, () => readFileSync(resolve(cwd, file), 'utf8')) });
  }
  return texts;
}

function filesAt(path: string, cwd: string): string[] {
  if (!attempt(path, () => statSync(resolve(cwd, path))).isDirectory()) return [path];
  const found = [...below(path, cwd)];
  if (found.length > 0) return found;
  throw new EnvoyageError('usage', `the folder ${path} has no .yaml, .yml or .json file in it`, { hint: `see what is there: ls -A ${path}` });
}

function* below(folder: string, cwd: string): Generator<string> {
  const names = attempt(folder, () => readdirSync(resolve(cwd, folder))).toSorted();
  for (const name of names) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    if (attempt(path, () => statSync(resolve(cwd, path))).isDirectory()) yield* below(path, cwd);
    else if (KNOWN.test(name)) yield path;
  }
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw new EnvoyageError('usage', `${path} ${readFault(thrown)}`, { hint: 'name a file, a folder, or - for what comes through a pipe', cause: thrown });
  }
}

async function readAll(stdin: Io['stdin']): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
