import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { didYouMean } from '../lib/nearest.ts';
import { defaultDataDir, type Environment, readEnvironment } from './environment.ts';
import { findConfigFile } from './file.ts';
import { aboutOption, envOf, flagOf, OPTION_NAMES, OPTIONS, type OptionName, type Options, propertyOf } from './options.ts';
import { type Poller, placedPoller } from './rest-fields.ts';
import { DEFAULT_SOURCE, type Fault, invalidConfig, type Source, type Sources, subject } from './source.ts';
import { type FlagValue, fromText, TextFault } from './text.ts';

/** What flags say, by option name; repeatable ones as lists. */
export type Flags = Readonly<Partial<Record<OptionName | 'config', FlagValue>>>;

export interface LoadInput {
  readonly flags: Flags;
  readonly env: Environment;
  /** Absolute. Paths that flags and the environment name start here; those in the file start at its folder. */
  readonly cwd: string;
  /** The user's number, which decides the data folder; undefined where the system has none. */
  readonly uid?: number | undefined;
  readonly systemFile?: string;
}

export interface LoadedOptions {
  readonly options: Options;
  readonly sources: Sources;
  /** The file that was read, absolute. */
  readonly file?: string;
}

interface Given {
  readonly raw: unknown;
  readonly source: Source;
  /** Where relative paths start. */
  readonly folder: string;
}

/**
 * The options in force: flags before the environment before the file before the defaults, a whole option at a time.
 * Nothing is opened but the configuration file; `verify` looks at the rest.
 * @throws EnvoyageError invalid-config with every fault and where it was said
 */
export function loadOptions({ flags, env, cwd, uid, systemFile = '/etc/envoyage/envoyage.yaml' }: LoadInput): LoadedOptions {
  const environment = readEnvironment(env);
  const faults: Fault[] = [...environment.faults];
  const file = findConfigFile({ named: namedFile(flags, env), cwd, system: systemFile });
  for (const [key, { source }] of file?.values ?? []) {
    if (!Object.hasOwn(OPTIONS, key)) faults.push({ name: key, message: `${source.where}: unknown option "${key}"${didYouMean(key, OPTION_NAMES)}` });
  }
  const given = (name: OptionName): Given => {
    const flag = flags[name];
    if (flag !== undefined) return { raw: flag, source: { from: 'flag', where: flagOf(name) }, folder: cwd };
    const variable = environment.values.get(name);
    if (variable !== undefined) return { raw: variable, source: { from: 'env', where: envOf(name) }, folder: cwd };
    const value = file?.values.get(name);
    if (file !== undefined && value !== undefined) return { ...value, folder: dirname(file.path) };
    return { raw: name === 'data-dir' ? defaultDataDir(env, uid) : undefined, source: DEFAULT_SOURCE, folder: cwd };
  };

  const options: Record<string, unknown> = {};
  const sources: Partial<Record<OptionName, Source>> = {};
  for (const name of OPTION_NAMES) {
    const { raw: said, source, folder } = given(name);
    const raw = source.from === 'flag' || source.from === 'env' ? fromText(name, said as FlagValue) : said;
    sources[name] = withEntries(source, raw);
    if (raw instanceof TextFault) {
      faults.push({ name, message: `${source.where} ${raw.message}` });
      continue;
    }
    const result = (OPTIONS[name] as z.ZodType).safeParse(raw);
    if (!result.success) faults.push(...result.error.issues.map((issue) => fault(name, source, raw, issue)));
    else options[propertyOf(name)] = placed(name, result.data, folder);
  }
  if (faults.length > 0) throw invalidConfig(faults);
  return { options: options as unknown as Options, sources: sources as Sources, ...(file === undefined ? {} : { file: file.path }) };
}

function namedFile(flags: Flags, env: Environment): { path: string; where: string } | undefined {
  if (typeof flags.config === 'string') return { path: flags.config, where: '--config' };
  return env.ENVOYAGE_CONFIG ? { path: env.ENVOYAGE_CONFIG, where: 'ENVOYAGE_CONFIG' } : undefined;
}

/** Each entry of a flag's or variable's map or list was said where the whole was. */
function withEntries(source: Source, raw: unknown): Source {
  if (source.entries !== undefined || typeof raw !== 'object' || raw === null) return source;
  return { ...source, entries: new Map(Object.keys(raw).map((key) => [key, source.where])) };
}

/** Paths begin at the folder of the file that they are said in. */
function placed(name: OptionName, value: unknown, folder: string): unknown {
  const { kind } = aboutOption(name);
  if (kind === 'pollers') return (value as readonly Poller[]).map((poller) => placedPoller(poller, folder));
  if (kind === 'paths') return (value as readonly string[]).map((path) => resolve(folder, path));
  return (kind === 'file' || kind === 'dir') && typeof value === 'string' ? resolve(folder, value) : value;
}

function fault(name: OptionName, source: Source, raw: unknown, issue: z.core.$ZodIssue): Fault {
  const [first] = issue.path;
  // One value that stands for a list of one.
  const alone = first === undefined || typeof raw === 'string';
  const value = alone ? raw : (raw as Record<PropertyKey, unknown>)[first];
  if (raw === null) return { name, message: `${subject(name, source, [], undefined)} has no value` };
  if (issue.code === 'invalid_key') {
    const where = subject(name, { ...source, where: source.entries?.get(String(first)) ?? source.where }, [], String(first));
    return { name, message: `${where}: ${issue.issues[0]?.message ?? issue.message}` };
  }
  return { name, message: `${subject(name, source, alone ? [] : issue.path, value)} ${issue.message}` };
}
